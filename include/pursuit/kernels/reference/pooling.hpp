// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/kernels/layer_options.hpp>

#include <algorithm>
#include <limits>

namespace pursuit::inline v0::kernels::reference {

/// Calls cell(value) for each cell of the input that window (i, j) of a plane sees.
template <class T, class Cell>
void for_each_in_window(TensorView<const T, 2> plane, const PoolingOptions& o, Index i, Index j, Cell&& cell) {
  const Index row = i * o.stride - o.padding, col = j * o.stride - o.padding;
  for (Index r = std::max<Index>(row, 0); r < std::min(row + o.kernel, plane.shape[0]); ++r)
    for (Index c = std::max<Index>(col, 0); c < std::min(col + o.kernel, plane.shape[1]); ++c) cell(plane(r, c));
}

/// The definition, in plain loops: see kernels/pooling.hpp.
template <class T>
void max_pool(TensorView<const T, 4> x, const PoolingOptions& o, TensorView<T, 4> y) {
  constexpr const char* where = "kernels::reference::max_pool";
  require_shape(where, "output", y.shape, pooling_shape(where, x.shape, o));
  for (Index n = 0; n < y.shape[0]; ++n)
    for (Index c = 0; c < y.shape[1]; ++c)
      for (Index i = 0; i < y.shape[2]; ++i)
        for (Index j = 0; j < y.shape[3]; ++j) {
          T largest = std::numeric_limits<T>::lowest();
          for_each_in_window(x[n][c], o, i, j, [&](T value) { largest = std::max(largest, value); });
          y(n, c, i, j) = largest;
        }
}

/// The definition, in plain loops: see kernels/pooling.hpp.
template <class T>
void average_pool(TensorView<const T, 4> x, const PoolingOptions& o, TensorView<T, 4> y) {
  constexpr const char* where = "kernels::reference::average_pool";
  require_shape(where, "output", y.shape, pooling_shape(where, x.shape, o));
  for (Index n = 0; n < y.shape[0]; ++n)
    for (Index c = 0; c < y.shape[1]; ++c)
      for (Index i = 0; i < y.shape[2]; ++i)
        for (Index j = 0; j < y.shape[3]; ++j) {
          T sum = 0;
          int seen = 0;
          for_each_in_window(x[n][c], o, i, j, [&](T value) { sum += value, ++seen; });
          y(n, c, i, j) = sum / static_cast<T>(seen);
        }
}

}  // namespace pursuit::inline v0::kernels::reference
