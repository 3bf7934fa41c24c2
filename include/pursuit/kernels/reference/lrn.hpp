// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/kernels/layer_options.hpp>

#include <algorithm>
#include <cmath>

namespace pursuit::inline v0::kernels::reference {

/// The definition, in plain loops: see kernels/lrn.hpp.
template <class T>
void lrn(TensorView<const T, 4> x, const LrnOptions& o, TensorView<T, 4> y) {
  require_shape("kernels::reference::lrn", "output", y.shape, x.shape);
  for (Index n = 0; n < x.shape[0]; ++n)
    for (Index c = 0; c < x.shape[1]; ++c)
      for (Index i = 0; i < x.shape[2]; ++i)
        for (Index j = 0; j < x.shape[3]; ++j) {
          T energy = 0;
          const Index last = std::min(c + o.size / 2, x.shape[1] - 1);
          for (Index k = std::max<Index>(c - o.size / 2, 0); k <= last; ++k) energy += x(n, k, i, j) * x(n, k, i, j);
          y(n, c, i, j) = x(n, c, i, j) * std::pow(T(o.k) + T(o.alpha) / T(o.size) * energy, -T(o.beta));
        }
}

}  // namespace pursuit::inline v0::kernels::reference
