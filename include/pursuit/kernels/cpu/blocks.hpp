// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/tensor_view.hpp>
#include <pursuit/core/threads.hpp>
#include <pursuit/kernels/cpu/lanes.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace pursuit::inline v0::kernels {

namespace detail {

/// A half of a[0] b[0] a[1] b[1] ...
template <int Half>
void interleave(const Lanes& a, const Lanes& b, Lanes& out) {
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    out = __builtin_shufflevector(a, b,
                                  (static_cast<int>(I) / 2 + Half * lane_count / 2 + (I % 2 != 0 ? lane_count : 0))...);
  }
  (std::make_index_sequence<lane_count>{});
}

/// Turns rows into columns.
inline void transpose(Lanes (&a)[lane_count]) {
  for (int stage = 1; stage < lane_count; stage *= 2) {
    Lanes b[lane_count];
    for (int r = 0; r < lane_count / 2; ++r) {
      interleave<0>(a[r], a[r + lane_count / 2], b[2 * r]);
      interleave<1>(a[r], a[r + lane_count / 2], b[2 * r + 1]);
    }
    for (int r = 0; r < lane_count; ++r) a[r] = b[r];
  }
}

/// Calls body(place in rows, place in blocks, channels, cells) for each square of lane_count channels and cells; those
/// at the border have fewer.
template <class Body>
void for_each_square(Index images, Index channels, Index cells, Body&& body) {
  const Index blocks = (channels + lane_count - 1) / lane_count, items = images * blocks;
  parallel_for(items, [&](Index item) {
    const Index first = item % blocks * lane_count, some = std::min<Index>(lane_count, channels - first);
    const Index row = (item / blocks * channels + first) * cells;
    for (Index i = 0; i < cells; i += lane_count)
      body(row + i, (item * cells + i) * lane_count, some, std::min<Index>(lane_count, cells - i));
  });
}

}  // namespace detail

/// From row-major images x (N, C, cells) to blocks of channels y (N, ceil(C / lane_count), cells, lane_count), with
/// zeros in channels that fill up the last block.
inline void to_blocks(const float* x, Index images, Index channels, Index cells, float* y) {
  detail::for_each_square(images, channels, cells, [=](Index from, Index to, Index some, Index count) {
    Lanes square[lane_count] = {};
    if (count == lane_count)
      for (Index c = 0; c < some; ++c) load_loose(x + from + c * cells, square[c]);
    else
      for (Index c = 0; c < some; ++c)
        for (Index i = 0; i < count; ++i) square[c][i] = x[from + c * cells + i];
    detail::transpose(square);
    for (Index i = 0; i < count; ++i) lanes(y + to + i * lane_count) = square[i];
  });
}

/// The way back.
inline void to_rows(const float* x, Index images, Index channels, Index cells, float* y) {
  detail::for_each_square(images, channels, cells, [=](Index to, Index from, Index some, Index count) {
    Lanes square[lane_count] = {};
    for (Index i = 0; i < count; ++i) square[i] = lanes(x + from + i * lane_count);
    detail::transpose(square);
    if (count == lane_count)
      for (Index c = 0; c < some; ++c) store_loose(y + to + c * cells, square[c]);
    else
      for (Index c = 0; c < some; ++c)
        for (Index i = 0; i < count; ++i) y[to + c * cells + i] = square[c][i];
  });
}

}  // namespace pursuit::inline v0::kernels
