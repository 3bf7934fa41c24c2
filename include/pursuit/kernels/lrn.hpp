// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/kernels/layer_options.hpp>

namespace pursuit::inline v0::kernels {

/// Local response normalisation across channels:
///
///     y[c] = x[c] (k + alpha / size * sum_{|c' - c| <= size / 2} x[c']^2)^-beta
///
/// Shapes  x, y (N,C,H,W); y may be x's memory only where size is 1. Throws ShapeError where the shapes differ.
/// Ref     Krizhevsky et al. 2012, section 3.3, with alpha divided by the size as PyTorch does.
inline void lrn(const TensorView<const float, 4>& x, const LrnOptions& options, const TensorView<float, 4>& y);

}  // namespace pursuit::inline v0::kernels

#include <pursuit/kernels/cpu/lrn.hpp>
