// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/kernels/layer_options.hpp>

#include <algorithm>
#include <limits>

namespace pursuit::inline v0::kernels::reference {

/// y(n, c, i, j) = reduce(sees), where sees(cell) calls cell(value) for each cell of the input that the window sees.
template <class T, class Reduce>
void pool(const char* where, TensorView<const T, 4> x, const PoolingOptions& o, TensorView<T, 4> y, Reduce reduce) {
  require_shape(where, "output", y.shape, pooling_shape(where, x.shape, o));
  for (Index n = 0; n < y.shape[0]; ++n)
    for (Index c = 0; c < y.shape[1]; ++c)
      for (Index i = 0; i < y.shape[2]; ++i)
        for (Index j = 0; j < y.shape[3]; ++j) {
          const Index row = i * o.stride - o.padding, col = j * o.stride - o.padding;
          y(n, c, i, j) = reduce([&](auto cell) {
            for (Index r = std::max<Index>(row, 0); r < std::min(row + o.kernel, x.shape[2]); ++r)
              for (Index s = std::max<Index>(col, 0); s < std::min(col + o.kernel, x.shape[3]); ++s)
                cell(x(n, c, r, s));
          });
        }
}

/// The definition, in plain loops: see kernels/pooling.hpp.
template <class T>
void max_pool(TensorView<const T, 4> x, const PoolingOptions& o, TensorView<T, 4> y) {
  pool("kernels::reference::max_pool", x, o, y, [](auto sees) {
    T largest = std::numeric_limits<T>::lowest();
    sees([&](T value) { largest = std::max(largest, value); });
    return largest;
  });
}

/// The definition, in plain loops: see kernels/pooling.hpp.
template <class T>
void average_pool(TensorView<const T, 4> x, const PoolingOptions& o, TensorView<T, 4> y) {
  pool("kernels::reference::average_pool", x, o, y, [](auto sees) {
    T sum = 0;
    int seen = 0;
    sees([&](T value) { sum += value, ++seen; });
    return sum / static_cast<T>(seen);
  });
}

}  // namespace pursuit::inline v0::kernels::reference
