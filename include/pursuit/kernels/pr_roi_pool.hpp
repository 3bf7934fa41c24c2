// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/tensor_view.hpp>
#include <pursuit/kernels/cpu/pr_roi_pool.hpp>
#include <pursuit/kernels/roi_options.hpp>

namespace pursuit::inline v0::kernels {

/// Precise pooling: the mean of a map, seen as a continuous surface, over each bin of each box.
///
///     f(u, v) = sum_ij x[i,j] h(u - j) h(v - i),   h(t) = max(0, 1 - |t|)        0 beyond the map
///     y[p,q]  = 1 / A  int_{t_p}^{b_p} int_{l_q}^{r_q} f(u, v) du dv
///
/// Cell (i, j) lies at (j, i), a box's edge at scale times its pixel; there is no half pixel between them. The surface
/// is continuous, so y has a gradient for the edges of the boxes as well. A box without area gives 0, and gradients
/// that are 0.
///
/// Shapes  x (C, H, W), boxes (R, 4) as x1, y1, x2, y2 in pixels -> y (R, C, rows, columns). T is float or double.
/// Throws ShapeError where they do not fit.
/// Ref     Jiang et al. 2018, "Acquisition of Localization Confidence for Accurate Object Detection".
template <class T>
void pr_roi_pool(const TensorView<const T, 3>& x, const TensorView<const T, 2>& boxes, const RoiOptions& options,
                 const TensorView<T, 4>& y) {
  require_shape("kernels::pr_roi_pool", "output", y.shape,
                roi_shape("kernels::pr_roi_pool", x.shape, boxes.shape, options));
  cpu::pr_roi_pool(x, boxes, options, y);
}

/// Adds dL/dx to dx (C, H, W), given dy (R, C, rows, columns).
template <class T>
void pr_roi_pool_backward(const TensorView<const T, 2>& boxes, const RoiOptions& options,
                          const TensorView<const T, 4>& dy, const TensorView<T, 3>& dx) {
  require_shape("kernels::pr_roi_pool_backward", "dy", dy.shape,
                roi_shape("kernels::pr_roi_pool_backward", dx.shape, boxes.shape, options));
  cpu::pr_roi_pool_backward(boxes, options, dy, dx);
}

/// Adds dL/d(x1, y1, x2, y2) to dboxes (R, 4). By Leibniz's rule it is made of the means of f along the bins' edges.
template <class T>
void pr_roi_pool_backward_boxes(const TensorView<const T, 3>& x, const TensorView<const T, 2>& boxes,
                                const RoiOptions& options, const TensorView<const T, 4>& dy,
                                const TensorView<T, 2>& dboxes) {
  constexpr const char* where = "kernels::pr_roi_pool_backward_boxes";
  require_shape(where, "dy", dy.shape, roi_shape(where, x.shape, boxes.shape, options));
  require_shape(where, "dboxes", dboxes.shape, boxes.shape);
  cpu::pr_roi_pool_backward_boxes(x, boxes, options, dy, dboxes);
}

}  // namespace pursuit::inline v0::kernels
