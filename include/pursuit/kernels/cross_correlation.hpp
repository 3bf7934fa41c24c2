// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/tensor_view.hpp>

namespace pursuit::inline v0::kernels {

/// Slides an exemplar over search maps:
///
///     y[n,i,j] = scale sum_{c,u,v} z[0,c,u,v] x[n,c,i+u,j+v]
///
/// Shapes  z (1,C,h,w), x (N,C,H,W) -> y (N, H-h+1, W-w+1). Throws ShapeError where they do not fit.
/// Ref     Bertinetto et al. 2016, eq. (2).
inline void cross_correlation(const TensorView<const float, 4>& z, const TensorView<const float, 4>& x,
                              const TensorView<float, 3>& y, float scale);

}  // namespace pursuit::inline v0::kernels

#include <pursuit/kernels/cpu/cross_correlation.hpp>
