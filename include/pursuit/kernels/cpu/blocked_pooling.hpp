// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/threads.hpp>
#include <pursuit/kernels/cpu/lanes.hpp>
#include <pursuit/kernels/layer_options.hpp>

#include <algorithm>
#include <limits>

namespace pursuit::inline v0::kernels {

namespace detail {

/// y = finish(merged windows, cells seen) of images in blocks of channels.
template <class Merge, class Finish>
void pool_blocks(const float* x, const Shape<4>& shape, const PoolingOptions& o, float start, float* y, Merge&& merge,
                 Finish&& finish) {
  const Index h = shape[2], w = shape[3];
  const Index rows = windows(h, o.kernel, o.stride, o.padding), columns = windows(w, o.kernel, o.stride, o.padding);
  const Index items = shape[0] * ((shape[1] + lane_count - 1) / lane_count) * rows;
  parallel_for(items, [=](Index item) {  // by value: a store of registers may change what is behind a reference
    const float* plane = x + item / rows * h * w * lane_count;
    float* out = y + item * columns * lane_count;
    const Index row = item % rows * o.stride - o.padding;
    const Index top = std::max<Index>(row, 0), bottom = std::min(row + o.kernel, h);
    for (Index j = 0; j < columns; ++j) {
      const Index column = j * o.stride - o.padding;
      const Index left = std::max<Index>(column, 0), right = std::min(column + o.kernel, w);
      Lanes sum = start - Lanes{};
      for (Index r = top; r < bottom; ++r)
        for (Index c = left; c < right; ++c) merge(sum, lanes(plane + (r * w + c) * lane_count));
      finish(sum, (bottom - top) * (right - left));
      lanes(out + j * lane_count) = sum;
    }
  });
}

}  // namespace detail

/// Pooling of images in blocks of channels: x (N, ceil(C / lane_count), H, W, lane_count), y the same with the extents
/// of pooling_shape(). Channels that fill up the last block must hold finite numbers; zeros stay zeros.
inline void max_pool_blocks(const float* x, const Shape<4>& shape, const PoolingOptions& options, float* y) {
  detail::pool_blocks(
      x, shape, options, std::numeric_limits<float>::lowest(), y, [](Lanes& a, const Lanes& b) { at_least(a, b); },
      [](Lanes&, Index) {});
}

inline void average_pool_blocks(const float* x, const Shape<4>& shape, const PoolingOptions& options, float* y) {
  detail::pool_blocks(
      x, shape, options, 0.0F, y, [](Lanes& a, const Lanes& b) { a += b; },
      [](Lanes& a, Index seen) { a /= static_cast<float>(seen); });
}

}  // namespace pursuit::inline v0::kernels
