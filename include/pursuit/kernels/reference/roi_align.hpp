// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/tensor_view.hpp>
#include <pursuit/kernels/roi_align.hpp>

#include <algorithm>
#include <cmath>

namespace pursuit::inline v0::kernels::reference {

/// Calls visit(r, p, q, row, column, share) for each cell that a sample of bin (p, q) of box r reads, and its share of
/// the bin's mean.
template <class T, class Visit>
void each_aligned_cell(const TensorView<const T, 2>& boxes, const RoiAlignOptions& o, Index height, Index width,
                       Visit visit) {
  const T shift = o.aligned ? T(0.5) : T(0), scale = T(o.bins.scale);
  for (Index r = 0; r < boxes.shape[0]; ++r) {
    const T x = scale * boxes(r, 0) - shift, y = scale * boxes(r, 1) - shift;
    T w = scale * boxes(r, 2) - shift - x, h = scale * boxes(r, 3) - shift - y;
    if (!o.aligned) w = std::max(w, T(1)), h = std::max(h, T(1));
    w /= T(o.bins.columns);
    h /= T(o.bins.rows);
    const auto across = static_cast<Index>(o.samples > 0 ? T(o.samples) : std::ceil(w));
    const auto down = static_cast<Index>(o.samples > 0 ? T(o.samples) : std::ceil(h));
    for (Index p = 0; p < o.bins.rows; ++p)
      for (Index q = 0; q < o.bins.columns; ++q)
        for (Index a = 0; a < down; ++a)
          for (Index b = 0; b < across; ++b) {
            T v = y + (T(p) + (T(a) + T(0.5)) / T(down)) * h, u = x + (T(q) + (T(b) + T(0.5)) / T(across)) * w;
            if (v < -1 || v > T(height) || u < -1 || u > T(width)) continue;
            v = std::clamp(v, T(0), T(height - 1));
            u = std::clamp(u, T(0), T(width - 1));
            const Index i = std::min(static_cast<Index>(v), height - 1), j = std::min(static_cast<Index>(u), width - 1);
            const T dv = v - T(i), du = u - T(j), share = 1 / T(across * down);
            visit(r, p, q, i, j, share * (1 - dv) * (1 - du));
            if (du > 0) visit(r, p, q, i, j + 1, share * (1 - dv) * du);
            if (dv > 0) visit(r, p, q, i + 1, j, share * dv * (1 - du));
            if (dv > 0 && du > 0) visit(r, p, q, i + 1, j + 1, share * dv * du);
          }
  }
}

/// The definition, sample by sample: see kernels/roi_align.hpp.
template <class T>
void roi_align(TensorView<const T, 3> x, TensorView<const T, 2> boxes, const RoiAlignOptions& o, TensorView<T, 4> y) {
  std::fill(y.begin(), y.end(), T(0));
  each_aligned_cell(boxes, o, x.shape[1], x.shape[2], [&](Index r, Index p, Index q, Index i, Index j, T share) {
    for (Index c = 0; c < x.shape[0]; ++c) y(r, c, p, q) += share * x(c, i, j);
  });
}

/// Adds the gradient for the map.
template <class T>
void roi_align_backward(TensorView<const T, 2> boxes, const RoiAlignOptions& o, TensorView<const T, 4> dy,
                        TensorView<T, 3> dx) {
  each_aligned_cell(boxes, o, dx.shape[1], dx.shape[2], [&](Index r, Index p, Index q, Index i, Index j, T share) {
    for (Index c = 0; c < dx.shape[0]; ++c) dx(c, i, j) += share * dy(r, c, p, q);
  });
}

}  // namespace pursuit::inline v0::kernels::reference
