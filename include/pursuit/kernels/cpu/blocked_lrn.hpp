// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/kernels/cpu/lanes.hpp>
#include <pursuit/kernels/cpu/lrn.hpp>
#include <pursuit/kernels/layer_options.hpp>

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

}  // namespace detail

/// Local response normalisation that also brings the activations from blocks of channels back into row-major order:
/// x is (maps, channels / lane_count, cells, lane_count), y is (maps, channels, cells).
/// Pre: channels is a multiple of lane_count and at most blocked_lrn_channels.
inline constexpr Index blocked_lrn_channels = 128;

inline void blocked_lrn(const float* x, Index maps, Index channels, Index cells, const LrnOptions& o, float* y) {
  constexpr Index block = detail::lrn_block / 2;
  const Index blocks = (cells + block - 1) / block;
#pragma omp parallel for collapse(2)
  for (Index n = 0; n < maps; ++n)
    for (Index b = 0; b < blocks; ++b) {
      const Index first = b * block, m = std::min(block, cells - first);
      alignas(64) float plain[blocked_lrn_channels * block];
      for (Index c = 0; c < channels; c += lane_count)
        for (Index i = 0; i < m; i += lane_count) {
          const float* in = x + (n * channels + c) * cells + (first + i) * lane_count;
          const int whole = static_cast<int>(std::min<Index>(lane_count, m - i));
          Lanes part[lane_count] = {};
          if (whole == lane_count)
            for (int k = 0; k < lane_count; ++k) part[k] = lanes(in + k * lane_count);
          else
            for (int k = 0; k < whole; ++k) part[k] = lanes(in + k * lane_count);
          detail::transpose(part);
          for (int k = 0; k < lane_count; ++k) lanes(plain + (c + k) * block + i) = part[k];
        }
      detail::lrn_cells(plain, block, channels, m, o, y + n * channels * cells + first, cells);
    }
}

}  // namespace pursuit::inline v0::kernels
