// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>
#include <pursuit/core/tensor_view.hpp>
#include <pursuit/kernels/cpu/hog.hpp>

namespace pursuit::inline v0::kernels {

using cpu::HogWorkspace;

/// Histograms of oriented gradients, 31 numbers for each cell of `cell` x `cell` pixels:
///
///     0..17   18 signed directions, 20 degrees apart, the first along +x, counted from +x towards +y
///     18..26  9 directions without sign
///     27..30  4 texture energies, one for each block of 2 x 2 cells that the cell is part of
///
/// A pixel's gradient is that of the channel where it is strongest, by central differences; its length is shared by
/// the four nearest cells. Cells are divided by the length of each of the four blocks they are in, clipped at 0.2,
/// and averaged over the blocks (sums of 4 halved; of 18, times 0.2357).
///
/// Shapes  patch (1 or 3, H, W) -> out (31, H / cell, W / cell): pixels beyond the last whole cell are not counted.
/// Values  patches are meant to be in [0, 1]: cells whose gradients sum to less than about 0.01 fade to zero.
/// Throws ShapeError where out has another shape or not one cell fits.
/// Ref     Felzenszwalb et al. 2010, "Object Detection with Discriminatively Trained Part-Based Models", section 6.
inline void hog(const TensorView<const float, 3>& patch, int cell, const TensorView<float, 3>& out,
                HogWorkspace& workspace) {
  const Index channels = patch.shape[0];
  if ((channels != 1 && channels != 3) || cell < 1 || patch.shape[1] < cell || patch.shape[2] < cell)
    throw ShapeError(concat("hog: patch is ", patch.shape, ", cell ", cell,
                            ": need 1 or 3 channels and at least one cell of at least one pixel"));
  require_shape("hog", "out", out.shape, Shape<3>{31, patch.shape[1] / cell, patch.shape[2] / cell});
  workspace.run(patch, cell, out);
}

}  // namespace pursuit::inline v0::kernels
