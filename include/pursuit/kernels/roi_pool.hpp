// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/tensor_view.hpp>
#include <pursuit/core/threads.hpp>
#include <pursuit/kernels/roi_options.hpp>

#include <algorithm>
#include <cmath>

namespace pursuit::inline v0::kernels {

namespace detail {

/// The whole cells of bin `i` of so many between the rounded edges of a box, cut to the map: [first, last).
struct RoiCells {
  Index first, last;
};
inline RoiCells roi_cells(double low, double high, double scale, Index i, Index bins, Index cells) {
  // Beyond the map by more than any box of it there is nothing; this also keeps the numbers whole.
  const double most = 1e9, from = std::clamp(std::round(low * scale), -most, most);
  const double to = std::clamp(std::round(high * scale), -most, most);
  if (!(from == from) || !(to == to)) return {0, 0};
  const auto start = static_cast<Index>(from);
  const Index length = std::max<Index>(static_cast<Index>(to) - start + 1, 1);
  return {std::clamp<Index>(start + i * length / bins, 0, cells),
          std::clamp<Index>(start + ((i + 1) * length + bins - 1) / bins, 0, cells)};
}

}  // namespace detail

/// The largest number of each bin, edges rounded to whole cells, and the cell (row * W + column) that it comes from; 0
/// and -1 where a bin has no cell of the map.
///
/// Shapes  x (C, H, W), boxes (R, 4) as x1, y1, x2, y2 in pixels -> y, from (R, C, rows, columns). T: float, double.
/// Throws ShapeError where they do not fit.
/// Ref     Girshick 2015 (Fast R-CNN); torchvision.ops.roi_pool.
template <class T>
void roi_pool(const TensorView<const T, 3>& x, const TensorView<const T, 2>& boxes, const RoiOptions& options,
              const TensorView<T, 4>& y, const TensorView<Index, 4>& from) {
  constexpr const char* where = "kernels::roi_pool";
  require_shape(where, "output", y.shape, roi_shape(where, x.shape, boxes.shape, options));
  require_shape(where, "cells", from.shape, y.shape);
  const Index height = x.shape[1], width = x.shape[2];
  parallel_for(x.shape[0], [&](Index c) {
    for (Index r = 0; r < boxes.shape[0]; ++r)
      for (Index p = 0; p < options.rows; ++p) {
        const auto rows = detail::roi_cells(static_cast<double>(boxes(r, 1)), static_cast<double>(boxes(r, 3)),
                                            options.scale, p, options.rows, height);
        for (Index q = 0; q < options.columns; ++q) {
          const auto columns = detail::roi_cells(static_cast<double>(boxes(r, 0)), static_cast<double>(boxes(r, 2)),
                                                 options.scale, q, options.columns, width);
          Index best = -1;
          for (Index i = rows.first; i < rows.last; ++i)
            for (Index j = columns.first; j < columns.last; ++j)
              if (best < 0 || x[c].data[i * width + j] > x[c].data[best]) best = i * width + j;
          y(r, c, p, q) = best < 0 ? T(0) : x[c].data[best];
          from(r, c, p, q) = best;
        }
      }
  });
}

/// Adds dL/dx to dx (C, H, W), given dy and the cells that roi_pool() named. (There is no gradient for the boxes.)
template <class T>
void roi_pool_backward(const TensorView<const T, 4>& dy, const TensorView<const Index, 4>& from,
                       const TensorView<T, 3>& dx) {
  constexpr const char* where = "kernels::roi_pool_backward";
  require_shape(where, "cells", from.shape, dy.shape);
  require_shape(where, "dy", dy.shape, {dy.shape[0], dx.shape[0], dy.shape[2], dy.shape[3]});
  const Index bins = dy.shape[2] * dy.shape[3];
  parallel_for(dx.shape[0], [&](Index c) {
    for (Index r = 0; r < dy.shape[0]; ++r)
      for (Index b = 0; b < bins; ++b) {
        const Index at = (r * dx.shape[0] + c) * bins + b;
        if (from.data[at] >= 0) dx[c].data[from.data[at]] += dy.data[at];
      }
  });
}

}  // namespace pursuit::inline v0::kernels
