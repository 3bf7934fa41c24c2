// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/tensor_view.hpp>
#include <pursuit/kernels/roi_options.hpp>

#include <algorithm>
#include <array>

namespace pursuit::inline v0::kernels::reference {

/// The integral of the hat max(0, 1 - |t|) from -infinity to t.
template <class T>
T hat_integral(T t) {
  t = std::clamp(t, T(-1), T(1));
  return t < 0 ? (t + 1) * (t + 1) / 2 : 1 - (1 - t) * (1 - t) / 2;
}

template <class T>
T hat(T t) {
  return std::max(T(0), t < 0 ? 1 + t : 1 - t);
}

namespace detail {

/// One bin of a box: its edges in cells, and its area.
template <class T>
struct Bin {
  T left, top, right, bottom;
  T area() const { return (right - left) * (bottom - top); }
};

/// Bin (p, q) of box r; of no area where the box has none.
template <class T>
Bin<T> bin(const TensorView<const T, 2>& boxes, const RoiOptions& o, Index r, Index p, Index q) {
  const T s = T(o.scale), x1 = s * boxes(r, 0), y1 = s * boxes(r, 1);
  const T w = std::max(s * boxes(r, 2) - x1, T(0)) / T(o.columns), h = std::max(s * boxes(r, 3) - y1, T(0)) / T(o.rows);
  return {x1 + T(q) * w, y1 + T(p) * h, x1 + T(q + 1) * w, y1 + T(p + 1) * h};
}

}  // namespace detail

/// The definition, cell by cell: see kernels/pr_roi_pool.hpp.
template <class T>
void pr_roi_pool(TensorView<const T, 3> x, TensorView<const T, 2> boxes, const RoiOptions& o, TensorView<T, 4> y) {
  require_shape("kernels::reference::pr_roi_pool", "output", y.shape,
                roi_shape("kernels::reference::pr_roi_pool", x.shape, boxes.shape, o));
  for (Index r = 0; r < y.shape[0]; ++r)
    for (Index c = 0; c < y.shape[1]; ++c)
      for (Index p = 0; p < y.shape[2]; ++p)
        for (Index q = 0; q < y.shape[3]; ++q) {
          const detail::Bin<T> b = detail::bin(boxes, o, r, p, q);
          T sum = 0;
          for (Index i = 0; i < x.shape[1]; ++i)
            for (Index j = 0; j < x.shape[2]; ++j)
              sum += x(c, i, j) * (hat_integral(b.right - T(j)) - hat_integral(b.left - T(j))) *
                     (hat_integral(b.bottom - T(i)) - hat_integral(b.top - T(i)));
          y(r, c, p, q) = b.area() > 0 ? sum / b.area() : T(0);
        }
}

/// Adds the gradient for the map, cell by cell.
template <class T>
void pr_roi_pool_backward(TensorView<const T, 2> boxes, const RoiOptions& o, TensorView<const T, 4> dy,
                          TensorView<T, 3> dx) {
  for (Index r = 0; r < dy.shape[0]; ++r)
    for (Index c = 0; c < dy.shape[1]; ++c)
      for (Index p = 0; p < dy.shape[2]; ++p)
        for (Index q = 0; q < dy.shape[3]; ++q) {
          const detail::Bin<T> b = detail::bin(boxes, o, r, p, q);
          if (!(b.area() > 0)) continue;
          for (Index i = 0; i < dx.shape[1]; ++i)
            for (Index j = 0; j < dx.shape[2]; ++j)
              dx(c, i, j) += dy(r, c, p, q) * (hat_integral(b.right - T(j)) - hat_integral(b.left - T(j))) *
                             (hat_integral(b.bottom - T(i)) - hat_integral(b.top - T(i))) / b.area();
        }
}

/// Adds the gradient for the boxes, bin by bin: each edge of a bin moves with both edges of its box.
template <class T>
void pr_roi_pool_backward_boxes(TensorView<const T, 3> x, TensorView<const T, 2> boxes, const RoiOptions& o,
                                TensorView<const T, 4> dy, TensorView<T, 2> dboxes) {
  for (Index r = 0; r < dy.shape[0]; ++r)
    for (Index c = 0; c < dy.shape[1]; ++c)
      for (Index p = 0; p < dy.shape[2]; ++p)
        for (Index q = 0; q < dy.shape[3]; ++q) {
          const detail::Bin<T> b = detail::bin(boxes, o, r, p, q);
          if (!(b.area() > 0)) continue;
          // Integrals of f along the left, top, right and bottom edge, and over the bin.
          std::array<T, 4> edge{};
          T sum = 0;
          for (Index i = 0; i < x.shape[1]; ++i)
            for (Index j = 0; j < x.shape[2]; ++j) {
              const T along_x = hat_integral(b.right - T(j)) - hat_integral(b.left - T(j));
              const T along_y = hat_integral(b.bottom - T(i)) - hat_integral(b.top - T(i));
              const T f = x(c, i, j);
              edge[0] += f * hat(b.left - T(j)) * along_y;
              edge[1] += f * hat(b.top - T(i)) * along_x;
              edge[2] += f * hat(b.right - T(j)) * along_y;
              edge[3] += f * hat(b.bottom - T(i)) * along_x;
              sum += f * along_x * along_y;
            }
          const T mean = sum / b.area(), w = b.right - b.left, h = b.bottom - b.top;
          const T g = dy(r, c, p, q) * T(o.scale) / b.area();
          const T left = h * mean - edge[0], top = w * mean - edge[1];
          const T right = edge[2] - h * mean, bottom = edge[3] - w * mean;
          const T q0 = T(q) / T(o.columns), q1 = T(q + 1) / T(o.columns);
          const T p0 = T(p) / T(o.rows), p1 = T(p + 1) / T(o.rows);
          dboxes(r, 0) += g * (left * (1 - q0) + right * (1 - q1));
          dboxes(r, 1) += g * (top * (1 - p0) + bottom * (1 - p1));
          dboxes(r, 2) += g * (left * q0 + right * q1);
          dboxes(r, 3) += g * (top * p0 + bottom * p1);
        }
}

}  // namespace pursuit::inline v0::kernels::reference
