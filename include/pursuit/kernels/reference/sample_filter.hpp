// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/tensor_view.hpp>

namespace pursuit::inline v0::kernels::reference {

namespace detail {

/// Calls f(tap, cell of x, cell of the map) for each tap that meets a cell of x.
template <class F>
void each_tap(Index height, Index width, Index kernel, F&& f) {
  for (Index i = 0; i < height; ++i)
    for (Index j = 0; j < width; ++j)
      for (Index p = 0; p < kernel; ++p)
        for (Index q = 0; q < kernel; ++q) {
          const Index y = i + p - kernel / 2, x = j + q - kernel / 2;
          if (y >= 0 && y < height && x >= 0 && x < width) f(p * kernel + q, y * width + x, i * width + j);
        }
}

}  // namespace detail

/// s[i,j] = sum_{c,p,q} w[c,p,q] x[c, i+p-k/2, j+q-k/2], zeros outside.
///
/// Shapes  x (C, H, W), w (C, k, k) -> s (H, W).
template <class T>
void filter_response(TensorView<const T, 3> x, TensorView<const T, 3> w, TensorView<T, 2> s) {
  for (T& v : s) v = 0;
  for (Index c = 0; c < x.shape[0]; ++c)
    detail::each_tap(x.shape[1], x.shape[2], w.shape[1],
                     [&](Index tap, Index from, Index to) { s.data[to] += w[c].data[tap] * x[c].data[from]; });
}

/// g[c,p,q] += sum_{i,j} u[i,j] x[c, i+p-k/2, j+q-k/2]: what filter_response() is to w, the other way round.
///
/// Shapes  x (C, H, W), u (H, W) -> g (C, k, k).
template <class T>
void add_filter_gradient(TensorView<const T, 3> x, TensorView<const T, 2> u, TensorView<T, 3> g) {
  for (Index c = 0; c < x.shape[0]; ++c)
    detail::each_tap(x.shape[1], x.shape[2], g.shape[1],
                     [&](Index tap, Index from, Index to) { g[c].data[tap] += u.data[to] * x[c].data[from]; });
}

/// y[o,i,j] = sum_c w[c,o] x[c,i,j].
///
/// Shapes  x (C, H, W), w (C, O) -> y (O, H, W).
template <class T>
void project_channels(TensorView<const T, 3> x, TensorView<const T, 2> w, TensorView<T, 3> y) {
  const Index cells = x.shape[1] * x.shape[2];
  for (T& v : y) v = 0;
  for (Index c = 0; c < x.shape[0]; ++c)
    for (Index o = 0; o < w.shape[1]; ++o)
      for (Index i = 0; i < cells; ++i) y[o].data[i] += w(c, o) * x[c].data[i];
}

}  // namespace pursuit::inline v0::kernels::reference
