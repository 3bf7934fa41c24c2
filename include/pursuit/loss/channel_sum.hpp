// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/tensor_view.hpp>
#include <pursuit/core/threads.hpp>

#include <algorithm>
#include <cmath>

namespace pursuit::inline v0::loss {

/// How strongly a map responds at each place: f[n,i,j] = sum_c |u[n,c,i,j]|. It is what maps of different depth, a
/// student's and its teacher's, have in common.
/// Shapes  u (N,C,H,W), f (N,H,W). Throws ShapeError where they do not fit.
template <class T>
void channel_sum(const TensorView<const T, 4>& u, const TensorView<T, 3>& f) {
  require_shape("loss::channel_sum", "f", f.shape, {u.shape[0], u.shape[2], u.shape[3]});
  const Index cells = u.shape[2] * u.shape[3];
  std::fill(f.begin(), f.end(), T(0));
  parallel_for(u.shape[0], [&](Index n) {
    T* const to = f[n].data;
    for (Index c = 0; c < u.shape[1]; ++c) {
      const T* const from = u[n][c].data;
#pragma omp simd
      for (Index i = 0; i < cells; ++i) to[i] += std::abs(from[i]);
    }
  });
}

/// du[n,c,i,j] = df[n,i,j] sign(u[n,c,i,j]), with sign(0) = 0. Writes du.
template <class T>
void channel_sum_backward(const TensorView<const T, 4>& u, const TensorView<const T, 3>& df,
                          const TensorView<T, 4>& du) {
  require_shape("loss::channel_sum_backward", "df", df.shape, {u.shape[0], u.shape[2], u.shape[3]});
  require_shape("loss::channel_sum_backward", "du", du.shape, u.shape);
  const Index cells = u.shape[2] * u.shape[3];
  parallel_for(u.shape[0], [&](Index n) {
    const T* const upstream = df[n].data;
    for (Index c = 0; c < u.shape[1]; ++c) {
      const T* const from = u[n][c].data;
      T* const to = du[n][c].data;
#pragma omp simd
      for (Index i = 0; i < cells; ++i) to[i] = from[i] > 0 ? upstream[i] : from[i] < 0 ? -upstream[i] : T(0);
    }
  });
}

}  // namespace pursuit::inline v0::loss
