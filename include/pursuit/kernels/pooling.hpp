// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/kernels/layer_options.hpp>

namespace pursuit::inline v0::kernels {

/// The largest value of each square window. Padding is never the largest.
/// Shapes  x (N,C,H,W), y as pooling_shape() says. Throws ShapeError where they do not fit.
inline void max_pool(const TensorView<const float, 4>& x, const PoolingOptions& options, const TensorView<float, 4>& y);

/// The mean of each square window over the cells that lie inside the input.
/// Shapes  x (N,C,H,W), y as pooling_shape() says. Throws ShapeError where they do not fit.
inline void average_pool(const TensorView<const float, 4>& x, const PoolingOptions& options,
                         const TensorView<float, 4>& y);

}  // namespace pursuit::inline v0::kernels

#include <pursuit/kernels/cpu/pooling.hpp>
