// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/concepts/state_estimator.hpp>
#include <pursuit/core/crop.hpp>
#include <pursuit/core/features.hpp>
#include <pursuit/core/precision.hpp>
#include <pursuit/core/random.hpp>
#include <pursuit/core/track.hpp>
#include <pursuit/estimator/box_head.hpp>
#include <pursuit/estimator/box_refinement.hpp>
#include <pursuit/estimator/localisation.hpp>
#include <pursuit/estimator/located_boxes.hpp>
#include <pursuit/io/weights.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace pursuit::inline v0 {

/// ATOM's estimator: the response says where the target is, then boxes around that place climb the overlap with the
/// target that a network predicts.
///
/// The network learns the target once, from the first frame (see BoxHeadLayers), and needs features of two levels. A
/// target that was not found keeps its box; so does one for which no box is left (see BoxRefinement), at the new place.
///
/// Score, status  of the response: see Localisation.
/// Ref  Danelljan et al. 2019, "ATOM: Accurate Tracking by Overlap Maximization"; visionml/pytracking.
class IouNet : public LocatedBoxes {
 public:
  struct Options {
    BoxHeadShape head{};
    Localisation::Options localisation{};
    BoxRefinement::Options refinement{};
    /// The published code takes x + w/2 for the box's centre on the way back to the frame, and x + (w-1)/2 on the way
    /// there: half a pixel of the patch to the lower right in each frame.
    bool published_half_pixel = true;
    std::uint64_t seed = 0;  ///< of the jitter; begins anew with each target
    Precision precision = Precision::float32;
  };

  /// Throws FileError where a tensor is missing or has another shape, Error where an option is none.
  explicit IouNet(const Weights& weights) : IouNet(weights, Options{}) {}
  IouNet(const Weights& weights, const Options& options, const std::string& prefix = "bb_regressor.")
      : LocatedBoxes(options.localisation),
        options_(options),
        refinement_(options.refinement),
        head_(weights, with_outputs(options.head, 1), prefix, options.precision) {}

  /// The tensors that the network needs.
  static std::vector<TensorSpec> tensors(const BoxHeadShape& shape, const std::string& prefix = "bb_regressor.") {
    return BoxHead::tensors(with_outputs(shape, 1), prefix);
  }

  /// Makes ready for patches of so many pixels a side before there is one: see BoxHead::prepare().
  void prepare(Index side) { head_.prepare(side); }

  /// Throws ShapeError where features are not those of two levels with the head's channels.
  void init(const Sample<>& first) {
    random_ = Random(options_.seed).fork("jitter");
    head_.init(first, options_.refinement.jittered + 1);
  }

  using LocatedBoxes::estimate;
  TargetState estimate(const ResponseMap<>& response, const FeatureMaps<>& features,
                       const TargetState& previous) const {
    TargetState next = estimate(response, previous);
    if (next.track.status == TrackStatus::lost) return next;
    const Crop& crop = response.crops[next.scale];
    head_.look(features, next.scale);
    const auto refined = refinement_.refine(to_patch(crop, next.track.box), random_,
                                            [&](const auto& boxes, const auto& overlaps, const auto& slopes) {
                                              head_.forward(boxes, overlaps);
                                              head_.backward(slopes);
                                            });
    if (!refined) return next;
    Box box = *refined;
    const double shift = options_.published_half_pixel ? 0.5 : 0;
    box.x += shift;
    box.y += shift;
    next.track.box = from_patch(crop, box);
    return next;
  }

  const BoxHead& head() const { return head_; }

 private:
  Options options_;
  mutable BoxRefinement refinement_;
  mutable BoxHead head_;
  mutable Random random_;
};

static_assert(ConditionedEstimator<IouNet> && FeatureEstimator<IouNet>);

}  // namespace pursuit::inline v0
