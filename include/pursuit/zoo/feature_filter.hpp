// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/backbone/mobilenet_v2.hpp>
#include <pursuit/backbone/mobilenet_v3.hpp>
#include <pursuit/classifier/online_filter.hpp>
#include <pursuit/estimator/scale_search.hpp>
#include <pursuit/io/weights.hpp>
#include <pursuit/track/atom_region.hpp>
#include <pursuit/zoo/filter_tracker.hpp>

#include <cstdint>
#include <vector>

namespace pursuit::inline v0::zoo {

namespace detail {

/// Keras' MobileNetV2 up to a stride of 16 pixels, that level alone.
inline constexpr MobileNetV2Shape mobilenet_of_filter{.fine = 0, .folded = true, .same = true, .numbered = true};

}  // namespace detail

/// ATOM's filter on a network that was trained for something else, with scale search in place of a box head: nothing in
/// it needs training for tracking.
///
/// The settings are those of ATOM's variant without IoU-Net, but for the region, the width of the label, the interval
/// of updates and the steps of the scale search, which were chosen on training sequences with MobileNetV2.
template <class Features, int Compressed = 64>
struct FeatureFilterOf : detail::FilterTracker<Features, Compressed, ScaleSearch> {
  using Filter = OnlineFilter<Features::channels, Compressed>;

  static typename Filter::Options quick_filter() {
    typename Filter::Options o;
    o.label_sigma = 0.15;
    o.interval = 5;
    return o;
  }

  struct Options {
    typename Filter::Options filter = quick_filter();  ///< without patch and seed
    ScaleSearch::Options search{.scales = 3, .step = 1.03, .penalty = 0.99, .localisation = Localisation::Options{}};
    AtomRegion::Options region{.patch = 224, .padding = 4};
    std::uint64_t seed = 0;                    ///< of the first frame's views and of where the filter begins
    Precision precision = Precision::float32;  ///< of the network
  };

  /// The tensors that it reads from a file.
  static std::vector<TensorSpec> tensors() { return Features::tensors(); }

  /// Throws FileError where a tensor is missing or has another shape.
  explicit FeatureFilterOf(const Weights& weights) : FeatureFilterOf(weights, Options{}) {}
  FeatureFilterOf(const Weights& weights, const Options& o)
      : FeatureFilterOf::FilterTracker(weights, o, ScaleSearch(o.search)) {}
};

/// On a network that tells pictures apart.
using MobileNetFilter = FeatureFilterOf<MobileNetV2<detail::mobilenet_of_filter>>;
/// On the features of NanoTrack v3, which were trained to be compared.
using NanoTrackFilter = FeatureFilterOf<MobileNetV3<>>;

}  // namespace pursuit::inline v0::zoo
