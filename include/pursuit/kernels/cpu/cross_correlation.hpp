// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/threads.hpp>
#include <pursuit/kernels/cpu/lanes.hpp>
#include <pursuit/kernels/cross_correlation.hpp>

#include <algorithm>

namespace pursuit::inline v0::kernels {

namespace detail {

/// The part of a cross-correlation that belongs to one search map.
struct CorrelatedMap {
  const float* z;
  const float* x;
  Index channels, h, w;  // of the exemplar
  Index height, width;   // of the search map
  Index columns;         // of the response
  float scale;
  float* y;

  /// Rows i and, where Rows is 2, i + 1 of `Blocks` whole registers from column j on.
  template <int Rows, int Blocks>
  void tile(Index i, Index j) const {
    Lanes sum[Rows][Blocks] = {};
    for (Index c = 0; c < channels; ++c)
      for (Index r = 0; r < h + Rows - 1; ++r) {
        const float* in = x + (c * height + i + r) * width + j;
        const float* tap = z + (c * h + r) * w;  // of row i; row i + 1 is one row of the exemplar behind
        for (Index v = 0; v < w; ++v) {
          Lanes a[Blocks];
          for (int b = 0; b < Blocks; ++b) load_loose(in + v + b * lane_count, a[b]);
          if (r < h)
            for (int b = 0; b < Blocks; ++b) sum[0][b] += tap[v] * a[b];
          if constexpr (Rows == 2)
            if (r > 0)
              for (int b = 0; b < Blocks; ++b) sum[1][b] += tap[v - w] * a[b];
        }
      }
    for (int k = 0; k < Rows; ++k)
      for (int b = 0; b < Blocks; ++b) store_loose(y + (i + k) * columns + j + b * lane_count, scale * sum[k][b]);
  }

  template <int Rows>
  void rows(Index i) const {
    Index j = 0;
    for (; j + 2 * lane_count <= columns; j += 2 * lane_count) tile<Rows, 2>(i, j);
    for (; j + lane_count <= columns; j += lane_count) tile<Rows, 1>(i, j);
    // The last columns once more with some before them, so that the register is full.
    if (j < columns && columns >= lane_count) return tile<Rows, 1>(i, columns - lane_count);
    for (; j < columns; ++j)
      for (Index k = i; k < i + Rows; ++k) {
        float sum = 0;
        for (Index c = 0; c < channels; ++c)
          for (Index u = 0; u < h; ++u)
            for (Index v = 0; v < w; ++v) sum += z[(c * h + u) * w + v] * x[(c * height + k + u) * width + j + v];
        y[k * columns + j] = scale * sum;
      }
  }
};

}  // namespace detail

inline void cross_correlation(const TensorView<const float, 4>& z, const TensorView<const float, 4>& x,
                              const TensorView<float, 3>& y, float scale) {
  const Index channels = z.shape[1], h = z.shape[2], w = z.shape[3];
  if (z.shape[0] != 1 || x.shape[1] != channels || h > x.shape[2] || w > x.shape[3] || volume(z.shape) < 1)
    throw ShapeError(concat("kernels::cross_correlation: exemplar ", z.shape, " does not fit search ", x.shape,
                            ": need one exemplar, equal channels, and a search at least as large"));
  require_shape("kernels::cross_correlation", "response", y.shape,
                {x.shape[0], x.shape[2] - h + 1, x.shape[3] - w + 1});
  const Index maps = x.shape[0], rows = y.shape[1], pairs = (rows + 1) / 2;
  parallel_for(maps * pairs, [&](Index i) {
    const Index n = i / pairs, pair = i % pairs;
    const detail::CorrelatedMap map{z.data,     x[n].data,  channels,   h,     w,
                                    x.shape[2], x.shape[3], y.shape[2], scale, y[n].data};
    if (2 * pair + 1 < rows)
      map.rows<2>(2 * pair);
    else
      map.rows<1>(2 * pair);
  });
}

}  // namespace pursuit::inline v0::kernels
