// SPDX-License-Identifier: MIT
// Lesson 3: write a Classifier (concepts/classifier.hpp has the contract). It learns the target from features and gives
// a map that is high where the target is. This one keeps the target's mean look and compares.
#include <pursuit/backbone/hog.hpp>
#include <pursuit/check/rendered.hpp>
#include <pursuit/check/scenes.hpp>
#include <pursuit/estimator/scale_search.hpp>
#include <pursuit/eval/ope.hpp>
#include <pursuit/kernels/cross_correlation.hpp>
#include <pursuit/track/tracker.hpp>

#include <iostream>

using namespace pursuit;

class TemplateMatcher {
 public:
  static constexpr int channels = any_channels;                    // works on any backbone
  static constexpr UpdateFrom update_from = UpdateFrom::new_crop;  // learns from a crop at the new place

  /// The target fills the middle third of the map: PaddedRegion's padding is 3.
  void init(const Sample<>& first) {
    const Shape<4> map = first.features.top().values.shape;
    const Index rows = map[2] / 3, columns = map[3] / 3;
    // Map minus template is even, so that "no displacement" is a cell of the response and not between two.
    shape_ = {1, map[1], rows + (map[2] - rows) % 2, columns + (map[3] - columns) % 2};
    learn(first, 1);
  }

  /// One map for each crop; 1 where a place looks as the template does.
  ResponseMap<> respond(const FeatureMaps<>& features) {
    const FeatureMap<>& x = features.top();
    const Shape<4> map = x.values.shape;
    const auto y = response_.view(Shape<3>{map[0], map[2] - shape_[2] + 1, map[3] - shape_[3] + 1});
    kernels::cross_correlation(template_.view(shape_), x.values, y, 1 / energy_);
    return {.values = y, .stride = x.stride, .origin = ResponseMap<>::Origin::middle};
  }

  void update(const Sample<>& sample, const Track& track) {
    if (track.status == TrackStatus::tracking) learn(sample, 0.02F);
  }

 private:
  /// Each channel without its mean: what is everywhere says nothing about the place.
  void learn(const Sample<>& sample, float rate) {
    const auto x = sample.features.top().values;
    const auto z = template_.view(shape_);
    const Index rows = shape_[2], columns = shape_[3], top = (x.shape[2] - rows) / 2, left = (x.shape[3] - columns) / 2;
    const auto area = static_cast<float>(rows * columns);
    energy_ = 1e-6F;  // a target of one colour has no energy of its own
    for (Index c = 0; c < shape_[1]; ++c) {
      float sum = 0;
      for (Index i = 0; i < rows * columns; ++i) sum += x(0, c, top + i / columns, left + i % columns);
      for (Index i = 0; i < rows; ++i)
        for (Index j = 0; j < columns; ++j) {
          float& kept = z(0, c, i, j);
          kept = (rate == 1 ? 0 : (1 - rate) * kept) + rate * (x(0, c, top + i, left + j) - sum / area);
          energy_ += kept * kept;
        }
    }
  }

  Shape<4> shape_{};
  float energy_ = 1;
  Buffer<float> template_, response_;
};
static_assert(OnlineClassifier<TemplateMatcher>);  // the compiler says what is missing, if something is

int main() {
  Tracker<Hog, TemplateMatcher, ScaleSearch> tracker(Hog(), TemplateMatcher(), ScaleSearch({.subcell = true}));
  check::RenderedSequence clip(check::demo_clip());
  tracker.init(clip.frame(0), clip.box(0));
  std::vector<Box> boxes{clip.box(0)}, truth{clip.box(0)};
  for (int t = 1; t < clip.size(); ++t) {
    boxes.push_back(tracker.update(clip.frame(t)).box);
    truth.push_back(clip.box(t));
  }
  const double auc = score_ope(boxes, truth).auc();
  std::cout << "success AUC " << auc << '\n';
  return auc > 0.5 ? 0 : 1;
}
