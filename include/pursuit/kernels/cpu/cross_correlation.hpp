// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/kernels/cross_correlation.hpp>

#include <algorithm>

namespace pursuit::inline v0::kernels {

inline void cross_correlation(const TensorView<const float, 4>& z, const TensorView<const float, 4>& x,
                              const TensorView<float, 3>& y, float scale) {
  const Index channels = z.shape[1], h = z.shape[2], w = z.shape[3];
  if (z.shape[0] != 1 || x.shape[1] != channels || h > x.shape[2] || w > x.shape[3] || volume(z.shape) < 1)
    throw ShapeError(concat("kernels::cross_correlation: exemplar ", z.shape, " does not fit search ", x.shape,
                            ": need one exemplar, equal channels, and a search at least as large"));
  require_shape("kernels::cross_correlation", "response", y.shape,
                {x.shape[0], x.shape[2] - h + 1, x.shape[3] - w + 1});
  const Index maps = x.shape[0], rows = y.shape[1], columns = y.shape[2], width = x.shape[3];
  const Index plane = x.shape[2] * width;
  constexpr Index block = 8;  // outputs of a row that one pass keeps in registers
#pragma omp parallel for collapse(2)
  for (Index n = 0; n < maps; ++n)
    for (Index i = 0; i < rows; ++i) {
      const float* first = x.data + n * channels * plane + i * width;
      float* out = y.data + (n * rows + i) * columns;
      for (Index j = 0; j < columns; j += block) {
        const Index m = std::min(block, columns - j);
        float sum[block] = {};
        for (Index c = 0; c < channels; ++c)
          for (Index u = 0; u < h; ++u) {
            const float* in = first + c * plane + u * width + j;
            const float* tap = z.data + (c * h + u) * w;
            if (m == block) {
              for (Index v = 0; v < w; ++v) {
#pragma omp simd
                for (Index k = 0; k < block; ++k) sum[k] += tap[v] * in[v + k];
              }
            } else {
              for (Index v = 0; v < w; ++v)
                for (Index k = 0; k < m; ++k) sum[k] += tap[v] * in[v + k];
            }
          }
        for (Index k = 0; k < m; ++k) out[j + k] = scale * sum[k];
      }
    }
}

}  // namespace pursuit::inline v0::kernels
