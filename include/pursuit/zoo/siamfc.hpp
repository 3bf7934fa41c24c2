// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/backbone/alexnet.hpp>
#include <pursuit/classifier/siamese_classifier.hpp>
#include <pursuit/estimator/windowed_scale_search.hpp>
#include <pursuit/io/weights.hpp>
#include <pursuit/track/context_region.hpp>
#include <pursuit/track/tracker.hpp>

namespace pursuit::inline v0::zoo {

/// SiamFC: the exemplar of the first frame, compared with every place of the search region. Nothing is learned online.
///
/// Bertinetto et al.: "Fully-Convolutional Siamese Networks for Object Tracking", 2016; AlexNet v1 of
/// huanglianghua/siamfc-pytorch.
struct SiamFC : Tracker<AlexNet<>, SiameseClassifier<AlexNet<>::channels>, WindowedScaleSearch, ContextRegion> {
  struct Options {
    SiameseClassifier<AlexNet<>::channels>::Options comparison{};
    WindowedScaleSearch::Options search{};
    ContextRegion::Options region{};
  };

  explicit SiamFC(const Weights& weights) : SiamFC(weights, Options{}) {}
  SiamFC(const Weights& weights, const Options& o)
      : Tracker(AlexNet<>(weights), SiameseClassifier<AlexNet<>::channels>(o.comparison), WindowedScaleSearch(o.search),
                ContextRegion(o.region)) {}
};

}  // namespace pursuit::inline v0::zoo
