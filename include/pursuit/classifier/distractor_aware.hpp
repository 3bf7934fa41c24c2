// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/classifier/siamese_head.hpp>
#include <pursuit/core/box.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

namespace pursuit::inline v0 {

/// How a Siamese head turns away from things that look like its target. `amount` is the paper's; `score_above` was
/// chosen on training sequences with NanoTrack v3.
struct DistractorOptions {
  double amount = 0.5;       ///< a: how much of the distractors' mean is taken from the exemplar, in [0, 1)
  double score_above = 0.3;  ///< h: what a distractor scores at least
  double forgetting = 0.01;  ///< eta, in [0, 1/2]: up to 1/2, later frames count more
  int apart = 2;             ///< non-maximum suppression: a peak is the highest of all that are so many cells away
  bool keep_scale = true;    ///< divides by 1 - a, so that layers after the comparison see numbers as large as before
};

/// The class branch of a Siamese head that learns which other things score high (distractor-aware module).
///
///     D_t      = peaks of the response at t above h and outside the target's box
///     d        = search features of exemplar size around a peak
///     response = f(z - a sum_t sum_{d in D_t} beta_t d / sum_t sum_{d in D_t} beta_t)
///     beta_t   = sum_{i<t} (eta / (1 - eta))^i
///
/// The subtraction is done with the weights that the exemplar's side of the branch makes of z and of each d, in which
/// the comparison is linear. So a frame costs what it did without distractors, and a frame with some the exemplar's
/// side for each. The box branch goes on comparing with z. Nothing is learned while the track is uncertain or lost.
///
/// What a head computes after the comparison should be linear or trained with this: with NanoTrack v3, whose towers are
/// neither, the mean AUC goes from .696 to .698 on 22 training sequences and from .652 to .618 on 10 others.
///
/// Shapes  as SiameseHead.
/// Ref     Zhu et al. 2018, "Distractor-aware Siamese Networks", section 4.2, with alpha_i = 1.
template <class Branch, int Channels>
class DistractorAware : public SiameseHead<Branch, Channels> {
  using Base = SiameseHead<Branch, Channels>;

 public:
  static constexpr UpdateFrom update_from = UpdateFrom::search_crop;

  /// Throws Error where an option is out of range.
  DistractorAware(const Branch& branch, double stride, const DistractorOptions& options = {},
                  Precision precision = Precision::float32)
      : Base(branch, stride, precision), options_(options) {
    if (!(options.amount >= 0 && options.amount < 1) || !(options.forgetting >= 0 && options.forgetting <= 0.5) ||
        options.apart < 1)
      throw Error(concat("DistractorAware: amount ", options.amount, ", forgetting ", options.forgetting, ", apart ",
                         options.apart, ": need amount in [0, 1), forgetting in [0, 1/2], apart of 1 or more"));
  }

  void init(const Sample<>& first) {
    Base::init(first);
    const Shape<4>& z = first.features.top().values.shape;
    exemplar_height_ = z[2];
    exemplar_width_ = z[3];
    beta_ = 0;
    power_ = 1;
    distractors_ = 0;
  }

  ResponseMap<> respond(const FeatureMaps<>& features) {
    const ResponseMap<> response = Base::respond(features);
    answered_ = response.values.shape;
    return response;
  }

  bool wants(const Track& track) const { return track.status == TrackStatus::tracking; }

  void update(const Sample<>& sample, const Track&) {
    const double ratio = options_.forgetting / (1 - options_.forgetting);
    beta_ += power_;
    power_ *= ratio;
    const auto features = sample.features.top().values;
    const Crop& crop = sample.crops.front();
    const Index height = answered_[1], width = answered_[2];
    const auto scores = highest_anchor();
    int found = 0;
    for (Index i = 0; i < height; ++i)
      for (Index j = 0; j < width; ++j) {
        const Point at{crop.width / 2.0 + static_cast<double>(j - width / 2) * this->stride_,
                       crop.height / 2.0 + static_cast<double>(i - height / 2) * this->stride_};
        if (scores(i, j) <= options_.score_above || inside(sample.targets.front(), at) || !is_peak(scores, i, j))
          continue;
        const Index top = i - height / 2 + features.shape[2] / 2 - exemplar_height_ / 2;
        const Index left = j - width / 2 + features.shape[3] / 2 - exemplar_width_ / 2;
        this->plan_.add_other(window(features, top, left), beta_);
        ++found;
      }
    distractors_ += found;
    const double scale = options_.keep_scale ? 1 / (1 - options_.amount) : 1;
    if (found > 0) this->plan_.blend(scale, -options_.amount * scale);
  }

  /// How many were met since init(), each as often as it was seen.
  long distractors() const { return distractors_; }

 private:
  static bool inside(const Box& b, Point p) { return p.x >= b.x && p.x <= b.x + b.w && p.y >= b.y && p.y <= b.y + b.h; }

  // The last response (A, H, W) becomes (H, W).
  TensorView<const float, 2> highest_anchor() {
    const auto all = this->response_.view(answered_);
    const auto out = scores_.view(Shape<2>{answered_[1], answered_[2]});
    const Index cells = answered_[1] * answered_[2];
    std::copy_n(all.data, cells, out.data);
    for (Index a = 1; a < answered_[0]; ++a)
      for (Index i = 0; i < cells; ++i) out.data[i] = std::max(out.data[i], all.data[a * cells + i]);
    return out;
  }

  // The first of equal ones is the peak.
  bool is_peak(const TensorView<const float, 2>& scores, Index i, Index j) const {
    const Index apart = options_.apart;
    for (Index y = std::max<Index>(i - apart, 0); y <= std::min(i + apart, scores.shape[0] - 1); ++y)
      for (Index x = std::max<Index>(j - apart, 0); x <= std::min(j + apart, scores.shape[1] - 1); ++x) {
        const bool earlier = y < i || (y == i && x < j);
        if (scores(y, x) > scores(i, j) || (earlier && scores(y, x) == scores(i, j))) return false;
      }
    return true;
  }

  // Cells outside of the map are those at its edge.
  TensorView<const float, 4> window(const TensorView<const float, 4>& features, Index top, Index left) {
    const Index height = features.shape[2], width = features.shape[3];
    const auto out = window_.view(Shape<4>{1, features.shape[1], exemplar_height_, exemplar_width_});
    float* to = out.data;
    for (Index c = 0; c < features.shape[1]; ++c)
      for (Index i = 0; i < exemplar_height_; ++i) {
        const float* row = features.data + (c * height + std::clamp<Index>(top + i, 0, height - 1)) * width;
        for (Index j = 0; j < exemplar_width_; ++j) *to++ = row[std::clamp<Index>(left + j, 0, width - 1)];
      }
    return out;
  }

  DistractorOptions options_;
  Index exemplar_height_ = 0, exemplar_width_ = 0;  // cells
  Shape<3> answered_{};
  double beta_ = 0, power_ = 1;
  long distractors_ = 0;
  Buffer<float> scores_, window_;
};

}  // namespace pursuit::inline v0
