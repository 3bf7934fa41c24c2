// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/tensor_view.hpp>
#include <pursuit/core/threads.hpp>

#include <algorithm>

namespace pursuit::inline v0::kernels {

/// Each exemplar of a batch over its own search map, with zeros around the search map:
///
///     y[n,i,j] = sum_{c,u,v} z[n,c,u,v] x[n,c,i+u-p,j+v-p]
///
/// Shapes  z (N,C,h,w), x (N,C,H,W), padding p -> y (N, H+2p-h+1, W+2p-w+1). Throws ShapeError where they do not fit.
/// Ref     Bertinetto et al. 2016, eq. (2).
inline Shape<3> cross_correlation_shape(const Shape<4>& z, const Shape<4>& x, Index padding) {
  const Shape<3> y{x[0], x[2] + 2 * padding - z[2] + 1, x[3] + 2 * padding - z[3] + 1};
  if (z[0] != x[0] || z[1] != x[1] || padding < 0 || y[1] < 1 || y[2] < 1)
    throw ShapeError(concat("kernels::cross_correlation: exemplar ", z, " does not fit search ", x, " with padding ",
                            padding, ": need equal N and C, and an exemplar that is not larger"));
  return y;
}

namespace detail {

/// row(z's offset, x's offset, y's offset, count) for each run of products in which x and y move on together while z
/// stays.
template <class Row>
void for_each_run(const Shape<4>& z, const Shape<4>& x, const Shape<3>& y, Index p, Index n, Index c, Row&& row) {
  const Index image = n * x[1] + c;
  for (Index i = 0; i < y[1]; ++i)
    for (Index u = std::max<Index>(0, p - i); u < std::min(z[2], x[2] + p - i); ++u)
      for (Index v = 0; v < z[3]; ++v) {
        const Index first = std::max<Index>(0, p - v), last = std::min(y[2], x[3] + p - v);
        if (first < last)
          row((image * z[2] + u) * z[3] + v, (image * x[2] + i + u - p) * x[3] + first + v - p,
              (n * y[1] + i) * y[2] + first, last - first);
      }
}

}  // namespace detail

/// Writes y.
template <class T>
void cross_correlation(const TensorView<const T, 4>& z, const TensorView<const T, 4>& x, Index padding,
                       const TensorView<T, 3>& y) {
  require_shape("kernels::cross_correlation", "y", y.shape, cross_correlation_shape(z.shape, x.shape, padding));
  std::fill(y.begin(), y.end(), T(0));
  parallel_for(z.shape[0], [&](Index n) {
    for (Index c = 0; c < z.shape[1]; ++c)
      detail::for_each_run(z.shape, x.shape, y.shape, padding, n, c, [&](Index a, Index b, Index to, Index count) {
        const T factor = z.data[a];
        const T* const from = x.data + b;
        T* const out = y.data + to;
#pragma omp simd
        for (Index j = 0; j < count; ++j) out[j] += factor * from[j];
      });
  });
}

/// Adds to dz and dx: each product of the sum hands dy to one factor, times the other. Either may be a view of nothing.
template <class T>
void cross_correlation_backward(const TensorView<const T, 4>& z, const TensorView<const T, 4>& x, Index padding,
                                const TensorView<const T, 3>& dy, const TensorView<T, 4>& dz,
                                const TensorView<T, 4>& dx) {
  require_shape("kernels::cross_correlation_backward", "dy", dy.shape,
                cross_correlation_shape(z.shape, x.shape, padding));
  if (dz.data != nullptr) require_shape("kernels::cross_correlation_backward", "dz", dz.shape, z.shape);
  if (dx.data != nullptr) require_shape("kernels::cross_correlation_backward", "dx", dx.shape, x.shape);
  parallel_for(z.shape[0] * z.shape[1], [&](Index image) {
    const Index n = image / z.shape[1], c = image % z.shape[1];
    detail::for_each_run(z.shape, x.shape, dy.shape, padding, n, c, [&](Index a, Index b, Index from, Index count) {
      const T* const upstream = dy.data + from;
      if (dz.data != nullptr) {
        const T* const value = x.data + b;
        T sum = 0;
#pragma omp simd reduction(+ : sum)
        for (Index j = 0; j < count; ++j) sum += upstream[j] * value[j];
        dz.data[a] += sum;
      }
      if (dx.data != nullptr) {
        const T factor = z.data[a];
        T* const to = dx.data + b;
#pragma omp simd
        for (Index j = 0; j < count; ++j) to[j] += factor * upstream[j];
      }
    });
  });
}

}  // namespace pursuit::inline v0::kernels
