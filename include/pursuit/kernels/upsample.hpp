// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>
#include <pursuit/core/tensor_view.hpp>
#include <pursuit/kernels/cpu/upsample.hpp>

namespace pursuit::inline v0::kernels {

/// Enlarges a map by cubic convolution with a = -0.75 and half-pixel centres, cells beyond the rim repeating it:
/// cv::resize with INTER_CUBIC.
///
///     y[i,j] = sum_k,l c_k(v) c_l(u) x[floor(v) + k - 1, floor(u) + l - 1],   v = (i + 1/2) h / H - 1/2, u alike
///
/// Shapes  x (h, w) -> y (H, W), of any size each; making a map smaller does not smooth it.
/// Throws ShapeError where a map is empty.
/// Ref     Keys 1981, "Cubic convolution interpolation for digital image processing".
inline void upsample_bicubic(const TensorView<const float, 2>& x, const TensorView<float, 2>& y) {
  if (x.size() < 1 || y.size() < 1)
    throw ShapeError(concat("upsample_bicubic: ", x.shape, " to ", y.shape, ": need at least one cell"));
  cpu::upsample_bicubic(x, y);
}

}  // namespace pursuit::inline v0::kernels
