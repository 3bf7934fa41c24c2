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

/// Exchanges the numbers of two rows whose places differ in bit `Bit`: the upper ones of `a` with the lower of `b`.
template <int Bit, std::size_t... I>
[[gnu::always_inline]] inline void exchange(Lanes& a, Lanes& b, std::index_sequence<I...>) {
  const Lanes first = a, second = b;
  a = __builtin_shufflevector(first, second,
                              ((I & Bit) != 0 ? static_cast<int>(I) - Bit + lane_count : static_cast<int>(I))...);
  b = __builtin_shufflevector(first, second,
                              ((I & Bit) != 0 ? static_cast<int>(I) + lane_count : static_cast<int>(I) + Bit)...);
}

template <int Bit, std::size_t... R>
[[gnu::always_inline]] inline void exchange_rows(Lanes (&a)[lane_count], std::index_sequence<R...> all) {
  (((R & Bit) == 0 ? exchange<Bit>(a[R], a[R | Bit], all) : void()), ...);
}

/// Turns rows into columns.
[[gnu::always_inline]] inline void transpose(Lanes (&a)[lane_count]) {
  constexpr std::make_index_sequence<lane_count> all{};
  if constexpr (lane_count > 8) exchange_rows<lane_count / 2>(a, all);
  exchange_rows<4>(a, all);
  exchange_rows<2>(a, all);
  exchange_rows<1>(a, all);
}

/// So many cells at a time, that whole cache lines of a row are read or written.
inline constexpr Index cells_between_layouts = 64;

/// Calls body(place in rows, place in blocks, channels, cells) for a block of channels and some cells at a time.
template <class Body>
void for_each_part(Index images, Index channels, Index cells, Body&& body) {
  const Index blocks = (channels + lane_count - 1) / lane_count;
  parallel_for(images * blocks, [&](Index item) {
    const Index first = item % blocks * lane_count, row = (item / blocks * channels + first) * cells;
    for (Index i = 0; i < cells; i += cells_between_layouts)
      body(row + i, (item * cells + i) * lane_count, std::min<Index>(lane_count, channels - first),
           std::min(cells_between_layouts, cells - i));
  });
}

}  // namespace detail

/// From row-major images x (N, C, cells) to blocks of channels y (N, ceil(C / lane_count), cells, lane_count), with
/// zeros in channels that fill up the last block.
inline void to_blocks(const float* x, Index images, Index channels, Index cells, float* y) {
  detail::for_each_part(images, channels, cells, [=](Index from, Index to, Index some, Index count) {
    constexpr Index most = detail::cells_between_layouts;
    alignas(64) float rows[lane_count * most];
    for (Index c = 0; c < lane_count; ++c) {
      float* row = rows + c * most;
      if (c < some) row = std::copy_n(x + from + c * cells, count, row);
      std::fill(row, rows + (c + 1) * most, 0.0F);
    }
    for (Index i = 0; i < count; i += lane_count) {
      Lanes square[lane_count];
      for (int c = 0; c < lane_count; ++c) square[c] = lanes(rows + c * most + i);
      detail::transpose(square);
      float* out = y + to + i * lane_count;
      if (i + lane_count <= count)
        for (int k = 0; k < lane_count; ++k) lanes(out + k * lane_count) = square[k];
      else
        for (Index k = 0; k < count - i; ++k) lanes(out + k * lane_count) = square[k];
    }
  });
}

/// The way back.
inline void to_rows(const float* x, Index images, Index channels, Index cells, float* y) {
  detail::for_each_part(images, channels, cells, [=](Index to, Index from, Index some, Index count) {
    constexpr Index most = detail::cells_between_layouts;
    alignas(64) float rows[lane_count * most];
    for (Index i = 0; i < count; i += lane_count) {
      const float* in = x + from + i * lane_count;
      Lanes square[lane_count];
      if (i + lane_count <= count)
        for (int k = 0; k < lane_count; ++k) square[k] = lanes(in + k * lane_count);
      else
        for (int k = 0; k < lane_count; ++k) square[k] = k < count - i ? lanes(in + k * lane_count) : Lanes{};
      detail::transpose(square);
      for (int c = 0; c < lane_count; ++c) lanes(rows + c * most + i) = square[c];
    }
    for (Index c = 0; c < some; ++c) std::copy_n(rows + c * most, count, y + to + c * cells);
  });
}

}  // namespace pursuit::inline v0::kernels
