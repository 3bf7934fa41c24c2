// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/tensor_view.hpp>

namespace pursuit::inline v0::kernels {

/// How the factors and the sum of a matrix product are read.
struct ProductOptions {
  bool transpose_a = false;
  bool transpose_b = false;
  bool add = false;  ///< to what c holds
};

/// c = A B, or c += A B, where A and B are a and b or their transposes. float runs on oneDNN, double by plain loops.
/// Shapes  A (M, K), B (K, N), c (M, N). Throws ShapeError where they do not fit.
inline void matrix_product(const TensorView<const float, 2>& a, const TensorView<const float, 2>& b,
                           const TensorView<float, 2>& c, const ProductOptions& options = {});
inline void matrix_product(const TensorView<const double, 2>& a, const TensorView<const double, 2>& b,
                           const TensorView<double, 2>& c, const ProductOptions& options = {});

}  // namespace pursuit::inline v0::kernels

#include <pursuit/kernels/cpu/matrix_product.hpp>
