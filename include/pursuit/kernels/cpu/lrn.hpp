// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/threads.hpp>
#include <pursuit/kernels/lrn.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

namespace pursuit::inline v0::kernels {

namespace detail {

/// So many cells at a time, that their channels stay in the first-level cache.
inline constexpr Index lrn_block = 128;

/// s^(-3/4) to within some 2e-7, for positive normal s: Newton's method for the inverse fourth root, begun from the
/// exponent. Unlike pow, and unlike sqrt where errno is kept, it vectorises.
inline float inverse_three_quarters(float s) {
  float y = std::bit_cast<float>(0x4F58CAE5 - (std::bit_cast<std::int32_t>(s) >> 2));  // off by 3 % at most
  const float quarter = 0.25F * s;
  for (int step = 0; step < 3; ++step) {
    const float square = y * y;
    y *= 1.25F - quarter * (square * square);
  }
  return y * y * y;
}

/// Normalises `n` cells of all channels; channels are `from` floats apart in x and `to` floats in y.
inline void lrn_cells(const float* x, Index from, Index channels, Index n, const LrnOptions& o, float* y, Index to) {
  constexpr Index most = lrn_block;
  const Index reach = o.size / 2;
  const float share = o.alpha / static_cast<float>(o.size);
  for (Index c = 0; c < channels; ++c) {
    float energy[most];
    for (Index i = 0; i < n; ++i) energy[i] = 0;
    for (Index k = std::max<Index>(c - reach, 0); k <= std::min(c + reach, channels - 1); ++k) {
      const float* a = x + k * from;
#pragma omp simd
      for (Index i = 0; i < n; ++i) energy[i] += a[i] * a[i];
    }
    const float* a = x + c * from;
    float* out = y + c * to;
    if (o.beta == 0.75F) {
#pragma omp simd
      for (Index i = 0; i < n; ++i) out[i] = a[i] * inverse_three_quarters(o.k + share * energy[i]);
    } else {
      for (Index i = 0; i < n; ++i) out[i] = a[i] * std::pow(o.k + share * energy[i], -o.beta);
    }
  }
}

}  // namespace detail

inline void lrn(const TensorView<const float, 4>& x, const LrnOptions& o, const TensorView<float, 4>& y) {
  require_shape("kernels::lrn", "output", y.shape, x.shape);
  const Index maps = x.shape[0], channels = x.shape[1], cells = x.shape[2] * x.shape[3];
  const Index blocks = (cells + detail::lrn_block - 1) / detail::lrn_block;
  parallel_for(maps * blocks, [&](Index i) {
    const Index n = i / blocks, b = i % blocks;
    const Index first = b * detail::lrn_block, at = n * channels * cells + first;
    detail::lrn_cells(x.data + at, cells, channels, std::min(detail::lrn_block, cells - first), o, y.data + at, cells);
  });
}

}  // namespace pursuit::inline v0::kernels
