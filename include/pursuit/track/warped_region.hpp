// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/crop.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/core/image.hpp>
#include <pursuit/core/track.hpp>

namespace pursuit::inline v0 {

/// A window of `padding` times the target's width and height, warped to a square patch: DCFNet's rule. The proportions
/// of the target are not kept, its place and share of the patch are always the same. Black beyond the frame.
///
/// Ref  Wang et al. 2017; foolwood/DCFNet_pytorch.
class WarpedRegion {
 public:
  struct Options {
    int patch = 125;       ///< side of the patch, pixels
    double padding = 3.0;  ///< window over target, per side
  };

  WarpedRegion() = default;
  /// Throws Error unless the patch has 2 to 16384 pixels a side and the padding is positive.
  explicit WarpedRegion(const Options& options) : options_(options) {
    if (options.patch < 2 || options.patch > 16384 || !(options.padding > 0))
      throw Error(concat("WarpedRegion: patch of ", options.patch, " pixels, padding ", options.padding,
                         ": need 2 to 16384 pixels and more than 0"));
  }

  void start(const ImageView&, const Box&) {}
  Crop exemplar(const ImageView& frame, const TargetState& state) const { return search(frame, state, 1.0); }
  Crop search(const ImageView&, const TargetState& state, double factor) const {
    const Box& b = state.track.box;
    const double grow = options_.padding * factor;
    return corner_aligned(center(b), b.w * grow, b.h * grow, options_.patch, options_.patch);
  }

 private:
  Options options_{};
};

}  // namespace pursuit::inline v0
