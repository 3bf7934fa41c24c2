// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/kernels/lrn.hpp>

#include <algorithm>
#include <cmath>

namespace pursuit::inline v0::kernels {

inline void lrn(const TensorView<const float, 4>& x, const LrnOptions& o, const TensorView<float, 4>& y) {
  require_shape("kernels::lrn", "output", y.shape, x.shape);
  const Index maps = x.shape[0], channels = x.shape[1], cells = x.shape[2] * x.shape[3], reach = o.size / 2;
  const float share = o.alpha / static_cast<float>(o.size);
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
        float base[block];
        for (Index i = 0; i < m; ++i) base[i] = 0;
        for (Index k = std::max<Index>(c - reach, 0); k <= std::min(c + reach, channels - 1); ++k) {
          const float* a = in + k * cells;
#pragma omp simd
          for (Index i = 0; i < m; ++i) base[i] += a[i] * a[i];
        }
        const float* a = in + c * cells;
        float* to = out + c * cells;
        if (o.beta == 0.75F) {
          // Two square roots vectorise, pow does not.
#pragma omp simd
          for (Index i = 0; i < m; ++i) {
            const float root = std::sqrt(o.k + share * base[i]);
            to[i] = a[i] / (root * std::sqrt(root));
          }
        } else {
          for (Index i = 0; i < m; ++i) to[i] = a[i] * std::pow(o.k + share * base[i], -o.beta);
        }
      }
    }
}

}  // namespace pursuit::inline v0::kernels
