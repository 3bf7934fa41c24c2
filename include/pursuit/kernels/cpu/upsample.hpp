// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/tensor_view.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace pursuit::inline v0::kernels::cpu {

namespace detail {

/// Where one cell of the result reads: four cells from `first` on (before clamping to the map), and their weights.
struct CubicTap {
  Index first;
  std::array<float, 4> weight;
};

inline CubicTap cubic_tap(Index i, Index from, Index to) {
  // Weights in float, from a float fraction, are what cv::resize computes.
  const double at = (static_cast<double>(i) + 0.5) * (static_cast<double>(from) / static_cast<double>(to)) - 0.5;
  const Index cell = static_cast<Index>(std::floor(static_cast<float>(at)));
  const float t = static_cast<float>(at) - static_cast<float>(cell), a = -0.75F;
  CubicTap tap{cell - 1, {}};
  tap.weight[0] = ((a * (t + 1) - 5 * a) * (t + 1) + 8 * a) * (t + 1) - 4 * a;
  tap.weight[1] = ((a + 2) * t - (a + 3)) * t * t + 1;
  tap.weight[2] = ((a + 2) * (1 - t) - (a + 3)) * (1 - t) * (1 - t) + 1;
  tap.weight[3] = 1 - tap.weight[0] - tap.weight[1] - tap.weight[2];
  return tap;
}

}  // namespace detail

/// Rows first, then columns, a strip of columns at a time; the four stretched rows that a row of the result reads
/// are kept from one row to the next.
inline void upsample_bicubic(const TensorView<const float, 2>& x, const TensorView<float, 2>& y) {
  constexpr Index strip = 512;
  const Index h = x.shape[0], w = x.shape[1], height = y.shape[0], width = y.shape[1];
  std::array<detail::CubicTap, strip> columns;
  std::array<std::array<float, strip>, 4> rows;
  for (Index j0 = 0; j0 < width; j0 += strip) {
    const Index n = std::min(strip, width - j0);
    for (Index j = 0; j < n; ++j) columns[static_cast<std::size_t>(j)] = detail::cubic_tap(j0 + j, w, width);
    std::array<Index, 4> held{-1, -1, -1, -1};  // row r of x is stretched in rows[r % 4]
    for (Index i = 0; i < height; ++i) {
      const detail::CubicTap tap = detail::cubic_tap(i, h, height);
      std::array<const float*, 4> source{};
      for (std::size_t k = 0; k < 4; ++k) {
        const Index r = std::clamp<Index>(tap.first + static_cast<Index>(k), 0, h - 1);
        const auto slot = static_cast<std::size_t>(r % 4);
        float* const row = rows[slot].data();
        source[k] = row;
        if (held[slot] == r) continue;
        held[slot] = r;
        const float* const in = x.data + r * w;
        for (Index j = 0; j < n; ++j) {
          const auto& [first, weight] = columns[static_cast<std::size_t>(j)];
          const auto at = [&](Index c) { return in[std::clamp<Index>(c, 0, w - 1)]; };
          row[j] =
              at(first) * weight[0] + at(first + 1) * weight[1] + at(first + 2) * weight[2] + at(first + 3) * weight[3];
        }
      }
      const float *const a = source[0], *const b = source[1], *const c = source[2], *const d = source[3];
      const float wa = tap.weight[0], wb = tap.weight[1], wc = tap.weight[2], wd = tap.weight[3];
      float* const out = y.data + i * width + j0;
#pragma omp simd
      for (Index j = 0; j < n; ++j) out[j] = a[j] * wa + b[j] * wb + c[j] * wc + d[j] * wd;
    }
  }
}

}  // namespace pursuit::inline v0::kernels::cpu
