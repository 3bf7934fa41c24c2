// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/backbone/dcf_net.hpp>
#include <pursuit/classifier/correlation_filter.hpp>
#include <pursuit/core/precision.hpp>
#include <pursuit/estimator/scale_search.hpp>
#include <pursuit/io/weights.hpp>
#include <pursuit/track/tracker.hpp>
#include <pursuit/track/warped_region.hpp>

#include <vector>

namespace pursuit::inline v0::zoo {

/// DCFNet: a correlation filter on features that were trained for it.
///
/// Wang et al.: "DCFNet: Discriminant Correlation Filters Network for Visual Tracking", 2017.
struct DcfNet : Tracker<DcfNetFeatures, CorrelationFilter<DcfNetFeatures::channels>, ScaleSearch, WarpedRegion> {
  struct Options {
    CorrelationFilter<DcfNetFeatures::channels>::Options filter{};
    ScaleSearch::Options search{};
    WarpedRegion::Options region{};
    Precision precision = Precision::float32;  ///< of the networks
  };

  /// What foolwood/DCFNet_pytorch does under Python 3 where it differs from what it means: scale exponents of -3/2,
  /// -1/2 and 1/2 (the present size is never tried), and size limits with width and height exchanged. Its inverse
  /// transform, which under today's PyTorch loses a column of maps of odd width, is `filter.published_inverse`.
  static Options published() {
    Options o;
    o.search.exponents = {-1.5, -0.5, 0.5};
    o.search.published_limits = true;
    return o;
  }

  /// The tensors that it reads from a file.
  static std::vector<TensorSpec> tensors() { return DcfNetFeatures::tensors(); }

  explicit DcfNet(const Weights& weights) : DcfNet(weights, Options{}) {}
  DcfNet(const Weights& weights, const Options& o)
      : Tracker(DcfNetFeatures(weights, DcfNetFeatures::published_prefix, o.precision),
                CorrelationFilter<DcfNetFeatures::channels>(o.filter), ScaleSearch(o.search), WarpedRegion(o.region)) {}
};

}  // namespace pursuit::inline v0::zoo
