// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/threads.hpp>
#include <pursuit/kernels/pooling.hpp>

#include <algorithm>
#include <limits>

namespace pursuit::inline v0::kernels {

namespace detail {

/// out[j] = merge over windows of one row of the input; columns whose window leaves the input are clipped.
template <class Merge>
void merge_row(const float* in, Index width, const PoolingOptions& o, float* out, Index columns, Merge&& merge) {
  for (int v = 0; v < o.kernel; ++v) {
    const Index shift = v - o.padding;
    const Index first = shift < 0 ? (-shift + o.stride - 1) / o.stride : 0;
    const Index last = std::min(columns, windows(width, 1 + shift, o.stride, 0));
    const float* tap = in + shift;
    if (o.stride == 1) {
#pragma omp simd
      for (Index j = first; j < last; ++j) out[j] = merge(out[j], tap[j]);
    } else {
      for (Index j = first; j < last; ++j) out[j] = merge(out[j], tap[j * o.stride]);
    }
  }
}

/// Every output row: start it, then merge the rows of the input that its windows see.
template <class Merge, class Finish>
void pool(const TensorView<const float, 4>& x, const PoolingOptions& o, const TensorView<float, 4>& y, float start,
          Merge&& merge, Finish&& finish) {
  const Index planes = x.shape[0] * x.shape[1], h = x.shape[2], w = x.shape[3], rows = y.shape[2], columns = y.shape[3];
  parallel_for(planes, [&](Index p) {
    for (Index i = 0; i < rows; ++i) {
      float* out = y.data + (p * rows + i) * columns;
      std::fill_n(out, columns, start);
      const Index top = std::max<Index>(i * o.stride - o.padding, 0);
      const Index bottom = std::min(i * o.stride - o.padding + o.kernel, h);
      for (Index r = top; r < bottom; ++r) merge_row(x.data + (p * h + r) * w, w, o, out, columns, merge);
      finish(out, bottom - top);
    }
  });
}

}  // namespace detail

inline void max_pool(const TensorView<const float, 4>& x, const PoolingOptions& options,
                     const TensorView<float, 4>& y) {
  require_shape("kernels::max_pool", "output", y.shape, pooling_shape("kernels::max_pool", x.shape, options));
  detail::pool(
      x, options, y, std::numeric_limits<float>::lowest(), [](float a, float b) { return a > b ? a : b; },
      [](float*, Index) {});
}

inline void average_pool(const TensorView<const float, 4>& x, const PoolingOptions& options,
                         const TensorView<float, 4>& y) {
  require_shape("kernels::average_pool", "output", y.shape, pooling_shape("kernels::average_pool", x.shape, options));
  const Index w = x.shape[3], columns = y.shape[3];
  detail::pool(
      x, options, y, 0.0F, [](float a, float b) { return a + b; },
      [&](float* out, Index rows) {
        for (Index j = 0; j < columns; ++j) {
          const Index left = j * options.stride - options.padding;
          const Index seen = std::min(left + options.kernel, w) - std::max<Index>(left, 0);
          out[j] /= static_cast<float>(rows * seen);
        }
      });
}

}  // namespace pursuit::inline v0::kernels
