// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/tensor_view.hpp>

namespace pursuit::inline v0::kernels::reference {

/// The definition, in plain loops: see kernels/cross_correlation.hpp.
template <class T>
void cross_correlation(TensorView<const T, 4> z, TensorView<const T, 4> x, TensorView<T, 3> y, T scale) {
  for (Index n = 0; n < y.shape[0]; ++n)
    for (Index i = 0; i < y.shape[1]; ++i)
      for (Index j = 0; j < y.shape[2]; ++j) {
        T sum = 0;
        for (Index c = 0; c < z.shape[1]; ++c)
          for (Index u = 0; u < z.shape[2]; ++u)
            for (Index v = 0; v < z.shape[3]; ++v) sum += z(0, c, u, v) * x(n, c, i + u, j + v);
        y(n, i, j) = scale * sum;
      }
}

}  // namespace pursuit::inline v0::kernels::reference
