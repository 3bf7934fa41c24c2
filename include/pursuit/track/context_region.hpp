// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/crop.hpp>
#include <pursuit/core/image.hpp>
#include <pursuit/core/track.hpp>
#include <pursuit/track/filled_squares.hpp>

#include <cmath>

namespace pursuit::inline v0 {

/// A square around the target with context: the rule of SiamFC and its descendants.
///
///     p   = context (w + h)              pixels of the frame
///     s_z = sqrt((w + p) (h + p))        side of the exemplar's square
///     s_x = s_z search / exemplar        side of the search square
///
/// The square is cut out at whole pixels, filled with the mean colour of the first frame where it leaves the frame, and
/// resized as cv::resize does on 8-bit pixels. Round-half-to-even as in NumPy.
///
/// Ref  Bertinetto et al. 2016, section 2.3; huanglianghua/siamfc-pytorch.
class ContextRegion {
 public:
  struct Options {
    int exemplar = 127;    ///< side of the exemplar patch, pixels
    int search = 255;      ///< side of the search patch, pixels
    double context = 0.5;  ///< share of w + h that is added to each side
  };

  ContextRegion() = default;
  /// Throws Error where the options are none: see FilledSquares::require().
  explicit ContextRegion(const Options& o) : options_(o) {
    FilledSquares::require("ContextRegion", o.exemplar, o.search, o.context);
  }

  void start(const ImageView& frame, const Box&) { squares_.start(frame); }

  Crop exemplar(const ImageView& frame, const TargetState& state) const {
    return square(frame, state.track.box, FilledSquares::side(state.track.box, options_.context), options_.exemplar);
  }
  Crop search(const ImageView& frame, const TargetState& state, double factor) const {
    const double side = FilledSquares::side(state.track.box, options_.context) * options_.search / options_.exemplar;
    return square(frame, state.track.box, side * factor, options_.search);
  }

 private:
  Crop square(const ImageView& frame, const Box& b, double side, int patch) const {
    const double reach = (FilledSquares::whole(side) - 1) / 2;
    return squares_.cut(frame, std::nearbyint(b.x + (b.w - 1) / 2 - reach), std::nearbyint(b.y + (b.h - 1) / 2 - reach),
                        side, patch);
  }

  Options options_{};
  FilledSquares squares_{FilledSquares::Colour::nearest};
};

}  // namespace pursuit::inline v0
