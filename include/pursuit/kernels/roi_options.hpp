// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>
#include <pursuit/core/tensor_view.hpp>

namespace pursuit::inline v0::kernels {

/// A box is divided into rows x columns bins of equal size, each of which becomes one number for each channel.
struct RoiOptions {
  int rows = 1;
  int columns = 1;
  double scale = 1;  ///< cells of the map for each pixel that boxes are given in: 1 / stride
};

/// Map (C, H, W) and R boxes (x1, y1, x2, y2) in pixels give (R, C, rows, columns). Throws ShapeError naming `where`
/// unless they do.
inline Shape<4> roi_shape(const char* where, const Shape<3>& x, const Shape<2>& boxes, const RoiOptions& o) {
  if (o.rows < 1 || o.columns < 1 || !(o.scale > 0))
    throw ShapeError(concat(where, ": ", o.rows, " x ", o.columns, " bins, scale ", o.scale, ": need at least 1 x 1, ",
                            "and a scale above 0"));
  if (boxes[1] != 4) throw ShapeError(concat(where, ": boxes ", boxes, ": need (R,4)"));
  if (volume(x) < 1) throw ShapeError(concat(where, ": a map ", x, ": need at least one cell"));
  return {boxes[0], x[0], o.rows, o.columns};
}

}  // namespace pursuit::inline v0::kernels
