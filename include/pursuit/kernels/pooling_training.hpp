// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/threads.hpp>
#include <pursuit/kernels/pooling.hpp>
#include <pursuit/kernels/reference/pooling.hpp>

#include <algorithm>

namespace pursuit::inline v0::kernels {

/// In double, for gradient checks, by the plain loops.
inline void max_pool(const TensorView<const double, 4>& x, const PoolingOptions& options,
                     const TensorView<double, 4>& y) {
  reference::max_pool<double>(x, options, y);
}
inline void average_pool(const TensorView<const double, 4>& x, const PoolingOptions& options,
                         const TensorView<double, 4>& y) {
  reference::average_pool<double>(x, options, y);
}

namespace detail {

/// give(x's plane, y's offset, window) for each window; its rows and columns are [top, bottom) x [left, right).
struct PoolingWindow {
  Index top, bottom, left, right;
};
template <class Give>
void for_each_window(const Shape<4>& x, const Shape<4>& y, const PoolingOptions& o, Give&& give) {
  parallel_for(x[0] * x[1], [&](Index plane) {
    for (Index i = 0; i < y[2]; ++i)
      for (Index j = 0; j < y[3]; ++j) {
        const Index row = i * o.stride - o.padding, col = j * o.stride - o.padding;
        give(plane * x[2] * x[3], (plane * y[2] + i) * y[3] + j,
             PoolingWindow{std::max<Index>(row, 0), std::min(row + o.kernel, x[2]), std::max<Index>(col, 0),
                           std::min(col + o.kernel, x[3])});
      }
  });
}

}  // namespace detail

/// Hands each dy to the largest cell of its window, the first of several. y is what max_pool() gave.
/// Shapes  x, dx (N,C,H,W), y, dy as pooling_shape() says. Writes dx. Throws ShapeError where they do not fit.
template <class T>
void max_pool_backward(const TensorView<const T, 4>& x, const TensorView<const T, 4>& y,
                       const TensorView<const T, 4>& dy, const PoolingOptions& options, const TensorView<T, 4>& dx) {
  const Shape<4> shape = pooling_shape("kernels::max_pool_backward", x.shape, options);
  require_shape("kernels::max_pool_backward", "y", y.shape, shape);
  require_shape("kernels::max_pool_backward", "dy", dy.shape, shape);
  require_shape("kernels::max_pool_backward", "dx", dx.shape, x.shape);
  std::fill(dx.begin(), dx.end(), T(0));
  detail::for_each_window(x.shape, shape, options, [&](Index plane, Index at, const detail::PoolingWindow& w) {
    for (Index r = w.top; r < w.bottom; ++r)
      for (Index c = w.left; c < w.right; ++c) {
        const Index cell = plane + r * x.shape[3] + c;
        if (x.data[cell] != y.data[at]) continue;
        dx.data[cell] += dy.data[at];
        return;
      }
  });
}

/// Hands each dy to the cells of its window in equal parts.
/// Shapes  dx (N,C,H,W), dy as pooling_shape() says. Writes dx. Throws ShapeError where they do not fit.
template <class T>
void average_pool_backward(const TensorView<const T, 4>& dy, const PoolingOptions& options,
                           const TensorView<T, 4>& dx) {
  const Shape<4> shape = pooling_shape("kernels::average_pool_backward", dx.shape, options);
  require_shape("kernels::average_pool_backward", "dy", dy.shape, shape);
  std::fill(dx.begin(), dx.end(), T(0));
  detail::for_each_window(dx.shape, shape, options, [&](Index plane, Index at, const detail::PoolingWindow& w) {
    const T part = dy.data[at] / static_cast<T>((w.bottom - w.top) * (w.right - w.left));
    for (Index r = w.top; r < w.bottom; ++r)
      for (Index c = w.left; c < w.right; ++c) dx.data[plane + r * dx.shape[3] + c] += part;
  });
}

}  // namespace pursuit::inline v0::kernels
