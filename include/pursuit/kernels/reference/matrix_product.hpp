// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/tensor_view.hpp>

namespace pursuit::inline v0::kernels::reference {

/// The definition, in plain loops: see kernels/matrix_product.hpp. Pre: the shapes fit.
template <class T, class Options>
void matrix_product(TensorView<const T, 2> a, TensorView<const T, 2> b, TensorView<T, 2> c, const Options& o) {
  const Index inner = a.shape[o.transpose_a ? 0 : 1];
  for (Index i = 0; i < c.shape[0]; ++i)
    for (Index j = 0; j < c.shape[1]; ++j) {
      T sum = o.add ? c(i, j) : T(0);
      for (Index k = 0; k < inner; ++k)
        sum += (o.transpose_a ? a(k, i) : a(i, k)) * (o.transpose_b ? b(j, k) : b(k, j));
      c(i, j) = sum;
    }
}

}  // namespace pursuit::inline v0::kernels::reference
