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
  const Index reach = o.size / 2, blocks = (cells + lane_count - 1) / lane_count;
#pragma omp parallel for collapse(2)
  for (Index n = 0; n < maps; ++n)
    for (Index b = 0; b < blocks; ++b) {
      const Index first = b * lane_count, m = std::min<Index>(lane_count, cells - first);
      alignas(64) float values[blocked_lrn_channels][lane_count];
      alignas(64) float squares[blocked_lrn_channels][lane_count];
      for (Index c = 0; c < channels; c += lane_count) {
        const float* in = x + (n * channels + c) * cells + first * lane_count;
        Lanes part[lane_count] = {};
        for (Index i = 0; i < m; ++i) part[i] = lanes(in + i * lane_count);
        detail::transpose(part);
        for (int k = 0; k < lane_count; ++k) {
          lanes(values[c + k]) = part[k];
          lanes(squares[c + k]) = part[k] * part[k];
        }
      }
      for (Index c = 0; c < channels; ++c) {
        alignas(64) float result[lane_count];
        Lanes energy{};
        for (Index k = std::max<Index>(c - reach, 0); k <= std::min(c + reach, channels - 1); ++k)
          energy += lanes(squares[k]);
        alignas(64) float sum[lane_count];
        lanes(sum) = energy;
        detail::normalise(values[c], sum, lane_count, o, result);
        std::copy_n(result, m, y + (n * channels + c) * cells + first);
      }
    }
}

}  // namespace pursuit::inline v0::kernels
