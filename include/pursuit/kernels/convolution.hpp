// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/kernels/layer_options.hpp>

namespace pursuit::inline v0::kernels {

/// A convolution as networks mean it, without turning the kernel around:
///
///     y[n,o,i,j] = bias[o] + sum_{k,u,v} w[o,k,u,v] x[n, g K + k, i stride - padding + u dilation, j ... + v dilation]
///
/// where K = C / groups and g is the group of output o; the input is zero outside of its extent. (`same` has another
/// padding for each axis: padding_of().)
///
/// Shapes  x (N,C,H,W), w (O, C/groups, kh, kw), bias (O) or a view of nothing, y as convolution_shape() says.
/// Throws ShapeError where they do not fit.
///
/// Chooses a primitive and packs the weights at every call: for work that repeats, see Network.
inline void convolution(const TensorView<const float, 4>& x, const TensorView<const float, 4>& w,
                        const TensorView<const float, 1>& bias, const ConvolutionOptions& options,
                        const TensorView<float, 4>& y);

}  // namespace pursuit::inline v0::kernels

#include <pursuit/kernels/cpu/convolution.hpp>
