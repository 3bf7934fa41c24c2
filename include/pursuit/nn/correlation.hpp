// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/kernels/layer_options.hpp>

namespace pursuit::inline v0::nn {

/// Compares with an exemplar: a convolution whose weights come when the target is known (nn::Plan::give), in slots
/// numbered in the order in which layers are compiled.
///
///   pixel-wise   exemplar (C, h, w) as weights (h w, C, 1, 1): one map for each cell of the exemplar
///   depth-wise   weights (C, 1, h, w), groups C: one map for each channel
///   full         weights (O, C, h, w)
///
/// Ref  Bertinetto et al. 2016, eq. (2); Li et al. 2019 (depth-wise); Yan et al. 2021, "Alpha-Refine" (pixel-wise).
struct Correlation {
  Shape<4> weight{1, 1, 1, 1};  ///< its shape: (O, C / groups, kh, kw)
  kernels::ConvolutionOptions options{};

  template <class Builder>
  typename Builder::Value compile(Builder& builder, typename Builder::Value x) const {
    return builder.correlation(x, weight, options);
  }
};

}  // namespace pursuit::inline v0::nn
