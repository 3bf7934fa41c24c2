// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/threads.hpp>
#include <pursuit/kernels/cpu/blocks.hpp>
#include <pursuit/kernels/cpu/lanes.hpp>
#include <pursuit/kernels/cpu/lrn.hpp>
#include <pursuit/kernels/layer_options.hpp>

#include <algorithm>

namespace pursuit::inline v0::kernels {

/// Local response normalisation that also brings the activations from blocks of channels back into row-major order:
/// x is (maps, channels / lane_count, cells, lane_count), y is (maps, channels, cells).
/// Pre: channels is a multiple of lane_count and at most blocked_lrn_channels.
inline constexpr Index blocked_lrn_channels = 128;

inline void blocked_lrn(const float* x, Index maps, Index channels, Index cells, const LrnOptions& o, float* y) {
  constexpr Index block = detail::lrn_block / 2;
  const Index blocks = (cells + block - 1) / block;
  parallel_for(maps * blocks, [=](Index item) {
    const Index n = item / blocks, b = item % blocks;
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
  });
}

}  // namespace pursuit::inline v0::kernels
