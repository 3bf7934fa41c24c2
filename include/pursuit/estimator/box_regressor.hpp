// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/concepts/state_estimator.hpp>
#include <pursuit/core/crop.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/core/features.hpp>
#include <pursuit/core/precision.hpp>
#include <pursuit/core/track.hpp>
#include <pursuit/estimator/box_head.hpp>
#include <pursuit/estimator/localisation.hpp>
#include <pursuit/estimator/located_boxes.hpp>
#include <pursuit/io/weights.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

namespace pursuit::inline v0 {

/// DRNet's estimator: the response says where the target is, and one pass of a network, anchored at the box before
/// moved to that place, says how it should change.
///
///     (dx, dy, dw, dh) = answer for the anchor (cx, cy, w, h)
///     cx += p dx w,  cy += p dy h,  w *= exp(min(s dw, M)),  h *= exp(min(s dh, M)),      M = log(1000 / 16)
///
/// with p and s of the options, 1 in the published tracker.
///
/// The network learns the target once, from the first frame (see BoxHeadLayers), and needs features of two levels. A
/// target that was not found keeps its box; so does, at the new place, one for which the answer is not finite.
///
/// Score, status  of the response: see Localisation.
/// Ref  ShuaiBai623/DRNet; Danier 2020.
class BoxRegressor : public LocatedBoxes {
 public:
  struct Options {
    BoxHeadShape head{.fine = 512, .coarse = 1024, .outputs = 4};
    Localisation::Options localisation{};
    int passes = 1;                    ///< more: what comes out is the next anchor (not in the published tracker)
    double step_position = 1;          ///< p: share of the answer that a box follows in one frame
    double step_size = 1;              ///< s
    double smallest = 2;               ///< width and height, pixels of the frame; at most they are the frame's
    bool published_half_pixel = true;  ///< see IouNet
    Precision precision = Precision::float32;
  };

  /// Throws FileError where a tensor is missing or has another shape, Error where an option is none.
  explicit BoxRegressor(const Weights& weights) : BoxRegressor(weights, Options{}) {}
  BoxRegressor(const Weights& weights, const Options& options, const std::string& prefix = "bb_regressor.")
      : LocatedBoxes(options.localisation),
        options_(options),
        head_(weights, with_outputs(options.head, 4), prefix, options.precision) {
    if (options.passes < 1 || options.passes > 100 || !(options.smallest > 0))
      throw Error(concat("BoxRegressor: ", options.passes, " passes, smallest ", options.smallest,
                         " pixels: need 1 to 100, and above 0"));
    for (const double step : {options.step_position, options.step_size})
      if (!(step >= 0 && step <= 1)) throw Error(concat("BoxRegressor: a step of ", step, ": need 0 to 1"));
  }

  /// The tensors that the network needs.
  static std::vector<TensorSpec> tensors(const BoxHeadShape& shape, const std::string& prefix = "bb_regressor.") {
    return BoxHead::tensors(with_outputs(shape, 4), prefix);
  }

  /// Makes ready for patches of so many pixels a side before there is one: see BoxHead::prepare().
  void prepare(Index side) { head_.prepare(side); }

  /// Throws ShapeError where features are not those of two levels with the head's channels.
  void init(const Sample<>& first) { head_.init(first, 1); }

  using LocatedBoxes::estimate;
  TargetState estimate(const ResponseMap<>& response, const FeatureMaps<>& features,
                       const TargetState& previous) const {
    TargetState next = estimate(response, previous);
    if (next.track.status == TrackStatus::lost) return next;
    const Crop& crop = response.crops[next.scale];
    head_.look(features, next.scale);
    Box box = to_patch(crop, next.track.box);
    for (int pass = 0; pass < options_.passes; ++pass) {
      const std::array<double, 4> anchor{box.x, box.y, box.w, box.h};
      std::array<double, 4> answer{};
      head_.forward({anchor.data(), {1, 4}}, {answer.data(), {1, 4}});
      const double p = options_.step_position, s = options_.step_size;
      box = changed(box, {p * answer[0], p * answer[1], s * answer[2], s * answer[3]});
    }
    const double shift = options_.published_half_pixel ? 0.5 : 0;
    box.x += shift;
    box.y += shift;
    box = from_patch(crop, box);
    if (!is_finite(box)) return next;
    const double width = response.frame_width, height = response.frame_height, outside = options_.localisation.outside;
    const double w = std::max(std::min(box.w, width), options_.smallest);
    const double h = std::max(std::min(box.h, height), options_.smallest);
    const Point c = center(box);
    next.track.box = box_around({std::max(std::min(c.x, width + outside * w), -outside * w),
                                 std::max(std::min(c.y, height + outside * h), -outside * h)},
                                w, h);
    return next;
  }

  /// The anchor, changed as an answer of the network says.
  static Box changed(const Box& anchor, const std::array<double, 4>& answer) {
    const double most = std::log(1000.0 / 16);
    const Point c = center(anchor);
    return box_around({c.x + answer[0] * anchor.w, c.y + answer[1] * anchor.h},
                      anchor.w * std::exp(std::min(answer[2], most)), anchor.h * std::exp(std::min(answer[3], most)));
  }

  const BoxHead& head() const { return head_; }

 private:
  Options options_;
  mutable BoxHead head_;
};

static_assert(ConditionedEstimator<BoxRegressor> && FeatureEstimator<BoxRegressor>);

}  // namespace pursuit::inline v0
