// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/kernels/lrn.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

namespace pursuit::inline v0::kernels {

namespace detail {

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

/// to[i] = a[i] (k + share * energy[i])^-beta.
inline void normalise(const float* a, const float* energy, Index n, const LrnOptions& o, float* to) {
  const float share = o.alpha / static_cast<float>(o.size);
  if (o.beta == 0.75F) {
#pragma omp simd
    for (Index i = 0; i < n; ++i) to[i] = a[i] * inverse_three_quarters(o.k + share * energy[i]);
  } else {
    for (Index i = 0; i < n; ++i) to[i] = a[i] * std::pow(o.k + share * energy[i], -o.beta);
  }
}

}  // namespace detail

inline void lrn(const TensorView<const float, 4>& x, const LrnOptions& o, const TensorView<float, 4>& y) {
  require_shape("kernels::lrn", "output", y.shape, x.shape);
  const Index maps = x.shape[0], channels = x.shape[1], cells = x.shape[2] * x.shape[3], reach = o.size / 2;
  // A block of cells at a time, so that its channels stay in the first-level cache.
  constexpr Index block = 128;
  const Index blocks = (cells + block - 1) / block;
#pragma omp parallel for collapse(2)
  for (Index n = 0; n < maps; ++n)
    for (Index b = 0; b < blocks; ++b) {
      const float* in = x.data + n * channels * cells + b * block;
      float* out = y.data + n * channels * cells + b * block;
      const Index m = std::min(block, cells - b * block);
      for (Index c = 0; c < channels; ++c) {
        float energy[block];
        for (Index i = 0; i < m; ++i) energy[i] = 0;
        for (Index k = std::max<Index>(c - reach, 0); k <= std::min(c + reach, channels - 1); ++k) {
          const float* a = in + k * cells;
#pragma omp simd
          for (Index i = 0; i < m; ++i) energy[i] += a[i] * a[i];
        }
        detail::normalise(in + c * cells, energy, m, o, out + c * cells);
      }
    }
}

}  // namespace pursuit::inline v0::kernels
