// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/backbone/hog.hpp>
#include <pursuit/classifier/context_correlation_filter.hpp>
#include <pursuit/estimator/scale_search.hpp>
#include <pursuit/track/padded_region.hpp>
#include <pursuit/track/tracker.hpp>

namespace pursuit::inline v0::zoo {

/// The context-aware correlation filter on HOG cells, with scale search. It needs no weights.
///
/// The published DCF_CA has one scale, lambda2 = 25 and a rate of .015. With a denominator that all channels share the
/// surroundings count for more, so lambda2 is smaller here; it, the rate and the step were chosen on training
/// sequences.
///
/// Mueller, Smith, Ghanem: "Context-Aware Correlation Filter Tracking", CVPR 2017.
struct Cacf : Tracker<Hog, ContextCorrelationFilter<Hog::channels>, ScaleSearch, PaddedRegion> {
  struct Options {
    Hog::Options features{};
    ContextCorrelationFilter<Hog::channels>::Options filter{.lambda2 = 2, .rate = 0.02};
    ScaleSearch::Options search{.scales = 5, .step = 1.03, .penalty = 0.985, .subcell = true};
    PaddedRegion::Options region{};
  };

  Cacf() : Cacf(Options{}) {}
  explicit Cacf(const Options& o)
      : Tracker(Hog(o.features), ContextCorrelationFilter<Hog::channels>(o.filter), ScaleSearch(o.search),
                PaddedRegion(o.region)) {}
};

}  // namespace pursuit::inline v0::zoo
