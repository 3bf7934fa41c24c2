// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/tensor_view.hpp>
#include <pursuit/kernels/cpu/roi_align.hpp>
#include <pursuit/kernels/roi_options.hpp>

namespace pursuit::inline v0::kernels {

/// How RoIAlign samples.
struct RoiAlignOptions {
  RoiOptions bins{};
  int samples = 0;      ///< in each bin, each way; 0: as many as the bin has cells, rounded up
  bool aligned = true;  ///< cell (i, j) is read at (j + 1/2, i + 1/2) of the scaled box; else at (j, i), and boxes have
                        ///< at least one cell each way
};

/// The mean of some bilinear samples in each bin of each box (RoIAlign). Samples up to one cell beyond the border read
/// the border, those further off 0. Precise pooling is its limit for many samples, inside the map.
///
/// Shapes  x (C, H, W), boxes (R, 4) as x1, y1, x2, y2 in pixels -> y (R, C, rows, columns). T is float or double.
/// Throws ShapeError where they do not fit or `samples` is negative.
/// Ref     He et al. 2017 (Mask R-CNN); torchvision.ops.roi_align.
template <class T>
void roi_align(const TensorView<const T, 3>& x, const TensorView<const T, 2>& boxes, const RoiAlignOptions& options,
               const TensorView<T, 4>& y) {
  constexpr const char* where = "kernels::roi_align";
  require_shape(where, "output", y.shape, roi_shape(where, x.shape, boxes.shape, options.bins));
  if (options.samples < 0) throw ShapeError(concat(where, ": ", options.samples, " samples: need at least 0"));
  cpu::pool_boxes(x, cpu::sampled_boxes(boxes, options.bins, options.samples, options.aligned, x.shape[2], x.shape[1]),
                  options.bins, y);
}

/// Adds dL/dx to dx (C, H, W), given dy (R, C, rows, columns). (There is no gradient for the boxes.)
template <class T>
void roi_align_backward(const TensorView<const T, 2>& boxes, const RoiAlignOptions& options,
                        const TensorView<const T, 4>& dy, const TensorView<T, 3>& dx) {
  constexpr const char* where = "kernels::roi_align_backward";
  require_shape(where, "dy", dy.shape, roi_shape(where, dx.shape, boxes.shape, options.bins));
  if (options.samples < 0) throw ShapeError(concat(where, ": ", options.samples, " samples: need at least 0"));
  cpu::pool_boxes_backward(
      cpu::sampled_boxes(boxes, options.bins, options.samples, options.aligned, dx.shape[2], dx.shape[1]), options.bins,
      dy, dx);
}

}  // namespace pursuit::inline v0::kernels
