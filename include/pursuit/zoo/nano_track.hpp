// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/backbone/mobilenet_v3.hpp>
#include <pursuit/classifier/siamese_head.hpp>
#include <pursuit/core/precision.hpp>
#include <pursuit/estimator/distance_boxes.hpp>
#include <pursuit/io/weights.hpp>
#include <pursuit/track/pysot_region.hpp>
#include <pursuit/track/tracker.hpp>
#include <pursuit/zoo/nano_track_branch.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace pursuit::inline v0::zoo {

namespace detail {

template <int Version>
using NanoTrackBackbone = MobileNetV3<Version == 3 ? 9 : 8>;

template <int Version>
using NanoTrackBase =
    Tracker<NanoTrackBackbone<Version>, SiameseHead<NanoTrackBranch, NanoTrackBackbone<Version>::channels>,
            DistanceBoxes<NanoTrackBranch>, PysotRegion>;

}  // namespace detail

/// NanoTrack: a Siamese tracker for small machines. MobileNetV3 features at stride 16, pixel-wise (version 3: also
/// depth-wise) comparison with the exemplar, a class for each cell and its distances to the sides of the box. Nothing
/// is learned online.
///
/// HonglinChu/SiamTrackers, NanoTrack; settings of its configuration files.
template <int Version>
struct NanoTrack : detail::NanoTrackBase<Version> {
  static_assert(Version >= 1 && Version <= 3);
  using Features = detail::NanoTrackBackbone<Version>;

  /// Published penalty, influence of the window and rate of the size. The bounds of the status are ours: on 2140 frames
  /// of training sequences a fifth (version 1: a third) of all boxes overlap the truth by less than half, but of those
  /// with a score below .9 two in three or more, and below .5 nine in ten.
  static constexpr SiameseSelection::Options published() {
    SiameseSelection::Options o{.penalty = 0.138, .influence = 0.455, .rate = 0.348};
    if (Version == 1) o.penalty = 0.148, o.influence = 0.462, o.rate = 0.390;
    if (Version == 2) o.penalty = 0.150, o.influence = 0.490, o.rate = 0.385;
    o.uncertain_below = 0.9;
    o.lost_below = 0.5;
    return o;
  }

  struct Options {
    SiameseSelection::Options selection = published();
    PysotRegion::Options region{};
    Precision precision = Precision::float32;  ///< of the networks
  };

  /// Long-term tracking: while the target is lost, which it then is until something scores above .9, the search patch
  /// grows by 128 pixels a frame from 255 to 767, and below a score of .5 the box is held. With version 3, all of eight
  /// rendered targets that leave the view and return to where they left are found again, one more than without. Where
  /// targets stay in view it costs a little: the mean AUC goes from .6962 to .6956 on 22 training sequences, from .652
  /// to .649 on 10 others. Stricter bounds (.92 and .99) find no more and cost .04 there.
  static constexpr Options long_term() {
    Options o;
    o.selection.hold_when_lost = true;
    o.selection.found_above = 0.9;
    o.region.growth = 128;
    o.region.search_most = 767;
    return o;
  }

  /// Throws FileError where a tensor is missing or has another shape.
  explicit NanoTrack(const Weights& weights) : NanoTrack(weights, Options{}) {}
  NanoTrack(const Weights& weights, const Options& o)
      : detail::NanoTrackBase<Version>(
            Features(weights, Features::published_prefix, o.precision),
            {branch(weights, NanoTrackAnswer::classes), Features::stride, o.precision},
            {branch(weights, NanoTrackAnswer::boxes), Features::channels, o.selection, o.precision},
            PysotRegion(o.region)) {}

  /// The tensors that it reads from a file.
  static std::vector<TensorSpec> tensors() {
    std::vector<TensorSpec> all = Features::tensors();
    for (const NanoTrackAnswer answer : {NanoTrackAnswer::classes, NanoTrackAnswer::boxes}) {
      NanoTrackBranch layers(Version, answer);
      for (TensorSpec& spec : nn::tensor_specs(layers, "ban_head."))
        if (std::ranges::find(all, spec) == all.end()) all.push_back(std::move(spec));  // version 1 shares some
    }
    return all;
  }

 private:
  static NanoTrackBranch branch(const Weights& weights, NanoTrackAnswer answer) {
    NanoTrackBranch layers(Version, answer);
    nn::load(layers, weights, "ban_head.");
    return layers;
  }
};

using NanoTrackV1 = NanoTrack<1>;
using NanoTrackV2 = NanoTrack<2>;
using NanoTrackV3 = NanoTrack<3>;

}  // namespace pursuit::inline v0::zoo
