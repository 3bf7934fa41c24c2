// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/crop.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/core/image.hpp>
#include <pursuit/core/track.hpp>
#include <pursuit/kernels/fft.hpp>

#include <algorithm>
#include <cmath>

namespace pursuit::inline v0 {

/// A window of `padding` times the target's width and height, resized to a patch that keeps the target's proportions
/// and holds a whole number of cells that transforms like: the rule of correlation filters on grids of cells.
///
/// The patch is chosen once for each target, so that the target covers about `target_area` square pixels of it. Beyond
/// the frame the nearest pixel is repeated.
///
/// Ref  Mueller et al. 2017 (context-aware correlation filters); Henriques et al. 2015.
class PaddedRegion {
 public:
  struct Options {
    double padding = 3.0;       ///< window over target, per side
    double target_area = 2500;  ///< of the target in the patch, square pixels
    int cell = 4;               ///< pixels; the patch has a whole number of cells each way
    int min_cells = 8;          ///< each way
    int max_cells = 96;         ///< each way
    double max_upsampling = 2;  ///< small targets are not blown up further than this
  };

  PaddedRegion() = default;
  /// Throws Error unless all options are positive and min_cells <= max_cells <= 4096.
  explicit PaddedRegion(const Options& o) : options_(o) {
    if (!(o.padding > 0) || !(o.target_area > 0) || !(o.max_upsampling > 0) || o.cell < 1 || o.min_cells < 1 ||
        o.max_cells < o.min_cells || o.max_cells > 4096)
      throw Error(concat("PaddedRegion: padding ", o.padding, ", target_area ", o.target_area, ", max_upsampling ",
                         o.max_upsampling, ", cell ", o.cell, ", ", o.min_cells, " to ", o.max_cells,
                         " cells: need positive numbers, and at most 4096 cells"));
  }

  void start(const ImageView&, const Box& target) {
    const double wanted = std::sqrt(options_.target_area / (target.w * target.h));
    const double zoom = std::min(wanted, options_.max_upsampling);
    width_ = patch_side(target.w * zoom);
    height_ = patch_side(target.h * zoom);
  }
  Crop exemplar(const ImageView& frame, const TargetState& state) const { return search(frame, state, 1.0); }
  Crop search(const ImageView&, const TargetState& state, double factor) const {
    const Box& b = state.track.box;
    Crop crop{.width = width_, .height = height_};
    crop.step_x = crop.unit_x = b.w * options_.padding * factor / width_;
    crop.step_y = crop.unit_y = b.h * options_.padding * factor / height_;
    // The centre of the target, in pixel centres, falls on the centre of the patch.
    crop.x = b.x + (b.w - 1) / 2 - (width_ - 1) / 2.0 * crop.step_x;
    crop.y = b.y + (b.h - 1) / 2 - (height_ - 1) / 2.0 * crop.step_y;
    crop.border = Border::replicate;
    return crop;
  }

 private:
  int patch_side(double target) const {
    const double cells = std::clamp(std::round(target * options_.padding / options_.cell),
                                    static_cast<double>(options_.min_cells), static_cast<double>(options_.max_cells));
    return static_cast<int>(kernels::good_size(static_cast<Index>(cells))) * options_.cell;
  }

  Options options_{};
  int width_ = 0;
  int height_ = 0;
};

}  // namespace pursuit::inline v0
