// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/backbone/alexnet.hpp>
#include <pursuit/classifier/siamese_classifier.hpp>
#include <pursuit/core/precision.hpp>
#include <pursuit/estimator/windowed_scale_search.hpp>
#include <pursuit/io/weights.hpp>
#include <pursuit/track/context_region.hpp>
#include <pursuit/track/tracker.hpp>

#include <vector>

namespace pursuit::inline v0::zoo {

/// SiamFC: the exemplar of the first frame, compared with every place of the search region. Nothing is learned online.
///
/// Bertinetto et al.: "Fully-Convolutional Siamese Networks for Object Tracking", 2016; AlexNet v1 of
/// huanglianghua/siamfc-pytorch.
template <AlexNetShape Shape = alexnet_v1>
struct SiamFCOf
    : Tracker<AlexNet<Shape>, SiameseClassifier<AlexNet<Shape>::channels>, WindowedScaleSearch, ContextRegion> {
  using Features = AlexNet<Shape>;
  using Comparison = SiameseClassifier<Features::channels>;
  using Base = Tracker<Features, Comparison, WindowedScaleSearch, ContextRegion>;

  struct Options {
    typename Comparison::Options comparison{};
    WindowedScaleSearch::Options search{};
    ContextRegion::Options region{};
    Precision precision = Precision::float32;  ///< of the networks
  };

  /// The tensors that it reads from a file.
  static std::vector<TensorSpec> tensors() { return Features::tensors(); }

  explicit SiamFCOf(const Weights& weights) : SiamFCOf(weights, Options{}) {}
  SiamFCOf(const Weights& weights, const Options& o)
      : Base(Features(weights, Features::published_prefix, o.precision), Comparison(o.comparison),
             WindowedScaleSearch(o.search), ContextRegion(o.region)) {}
};

using SiamFC = SiamFCOf<>;
/// Half as wide, which two cores can train.
using SiamFCSmall = SiamFCOf<alexnet_v1_small>;

}  // namespace pursuit::inline v0::zoo
