// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/tensor_view.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace pursuit::inline v0::kernels::reference {

/// The four weights of a cubic convolution at the fraction t between its two middle cells, with a = -0.75.
template <class T>
std::array<T, 4> cubic_weights(T t) {
  const T a = T(-0.75);
  const auto inner = [&](T d) { return ((a + 2) * d - (a + 3)) * d * d + 1; };
  const auto outer = [&](T d) { return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a; };
  return {outer(1 + t), inner(t), inner(1 - t), outer(2 - t)};
}

/// The plain form of kernels::upsample_bicubic.
template <class T>
void upsample_bicubic(const TensorView<const T, 2>& x, const TensorView<T, 2>& y) {
  const Index h = x.shape[0], w = x.shape[1];
  for (Index i = 0; i < y.shape[0]; ++i) {
    for (Index j = 0; j < y.shape[1]; ++j) {
      const T v = (T(i) + T(0.5)) * T(h) / T(y.shape[0]) - T(0.5);
      const T u = (T(j) + T(0.5)) * T(w) / T(y.shape[1]) - T(0.5);
      const auto row = static_cast<Index>(std::floor(v)), col = static_cast<Index>(std::floor(u));
      const auto by = cubic_weights(v - T(row)), bx = cubic_weights(u - T(col));
      T sum = 0;
      for (Index k = 0; k < 4; ++k)
        for (Index l = 0; l < 4; ++l)
          sum += by[k] * bx[l] * x(std::clamp<Index>(row - 1 + k, 0, h - 1), std::clamp<Index>(col - 1 + l, 0, w - 1));
      y(i, j) = sum;
    }
  }
}

}  // namespace pursuit::inline v0::kernels::reference
