// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/buffer.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/core/features.hpp>
#include <pursuit/kernels/hog.hpp>

namespace pursuit::inline v0 {

/// Histograms of oriented gradients: features that need no weights.
///
/// Shapes  patches (N, 3, h, w) -> (N, 31, h / cell, w / cell), whole cells; throws ShapeError where not one fits.
/// Units   one cell is `cell` pixels of the patch.
/// Ref     Felzenszwalb et al. 2010, section 6.
class Hog {
 public:
  static constexpr int channels = 31;

  struct Options {
    int cell = 4;  ///< pixels
  };

  Hog() = default;
  /// Throws Error unless a cell has at least one pixel.
  explicit Hog(const Options& options) : options_(options) {
    if (options.cell < 1) throw Error(concat("Hog: a cell of ", options.cell, " pixels: need at least 1"));
  }

  /// Pixels of 0 to 255: weak gradients then count as much as strong ones, where pixels of 0 to 1 leave them to the
  /// small constant in the normalisation. Cacf follows targets better so (mean AUC on its tuning sequences .529 against
  /// .505).
  PixelFormat pixels() const { return {}; }

  FeatureMaps<> extract(const TensorView<const float, 4>& patches) {
    const Index n = patches.shape[0], h = patches.shape[2] / options_.cell, w = patches.shape[3] / options_.cell;
    if (h < 1 || w < 1)
      throw ShapeError(
          concat("Hog: patch is ", patches.shape, ": need at least one cell of ", options_.cell, " pixels"));
    const auto maps = maps_.view(Shape<4>{n, channels, h, w});
    for (Index i = 0; i < n; ++i) kernels::hog(patches[i], options_.cell, maps[i], workspace_);
    FeatureMaps<> out;
    out.add({maps, static_cast<double>(options_.cell)});
    return out;
  }

 private:
  Options options_{};
  kernels::HogWorkspace workspace_;
  Buffer<float> maps_;
};

}  // namespace pursuit::inline v0
