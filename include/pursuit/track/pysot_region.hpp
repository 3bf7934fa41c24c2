// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/crop.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/core/image.hpp>
#include <pursuit/core/track.hpp>
#include <pursuit/track/filled_squares.hpp>

#include <algorithm>
#include <cmath>

namespace pursuit::inline v0 {

/// A square around the target with context, with the roundings of pysot and what descends from it:
///
///     p    = context (w + h)             pixels of the frame
///     s_z  = sqrt((w + p) (h + p))       side of the exemplar's square, rounded to a whole number when it is cut out
///     s_x  = s_z search / exemplar       side of the search square, likewise
///     left = floor(c_x - (s + 1) / 2 + 1/2)
///
/// The square is filled with the mean colour of the first frame, cut to whole numbers, where it leaves the frame, and
/// resized as cv::resize does on 8-bit pixels. (`ContextRegion` is the same square with SiamFC's roundings.)
///
/// Ref  STVIR/pysot; HonglinChu/SiamTrackers.
class PysotRegion {
 public:
  struct Options {
    int exemplar = 127;    ///< side of the exemplar patch, pixels
    int search = 255;      ///< side of the search patch, pixels
    double context = 0.5;  ///< share of w + h that is added to each side
    /// Of a target that takes less than `small_share` of the first frame (DaSiamRPN).
    int search_of_small = 255;
    double small_share = 0;
    /// How much the search patch grows with each frame that the target is lost, and how far (local-to-global search):
    /// pixels. pysot's long-term tracker grows at once.
    int growth = 0;
    int search_most = 255;
    bool first_between_pixels = true;  ///< see center_of()
    bool ties_go_out = false;  ///< the corner of the square: halves are rounded away from zero (Python 2), not up
  };

  PysotRegion() = default;
  /// Throws Error where the options are none: see FilledSquares::require().
  explicit PysotRegion(const Options& o) : options_(o) {
    for (const int search : {o.search, o.search_of_small, o.search_most})
      FilledSquares::require("PysotRegion", o.exemplar, search, o.context);
    if (o.growth < 0 || o.growth > 16384)
      throw Error(concat("PysotRegion: growth of ", o.growth, " pixels a frame: need 0 to 16384"));
  }

  /// The target's centre as that code has it: in the first frame between the centres of the outer pixels, x + (w-1)/2
  /// (DaSiamRPN: not), afterwards the middle of the box, x + w/2.
  static Point center_of(const TargetState& state, bool first_between_pixels = true) {
    const Box& b = state.track.box;
    return first_between_pixels && b == state.first ? Point{b.x + (b.w - 1) / 2, b.y + (b.h - 1) / 2} : center(b);
  }

  void start(const ImageView& frame, const Box& target) {
    squares_.start(frame);
    const double share = area(target) / (static_cast<double>(frame.width) * frame.height);
    search_ = share < options_.small_share ? options_.search_of_small : options_.search;
  }

  Crop exemplar(const ImageView& frame, const TargetState& state) const {
    return square(frame, state, FilledSquares::side(state.track.box, options_.context), options_.exemplar);
  }
  Crop search(const ImageView& frame, const TargetState& state, double factor) const {
    const int lost = std::min(state.lost_frames, 10000);  // so that the product stays in range
    const int patch = std::max(search_, std::min(search_ + options_.growth * lost, options_.search_most));
    const double share = static_cast<double>(patch) / options_.exemplar;
    return square(frame, state, FilledSquares::side(state.track.box, options_.context) * share * factor, patch);
  }

 private:
  Crop square(const ImageView& frame, const TargetState& state, double side, int patch) const {
    const Point c = center_of(state, options_.first_between_pixels);
    const auto corner = [&](double middle) {
      const double exact = middle - (FilledSquares::whole(side) + 1) / 2;
      return options_.ties_go_out ? std::round(exact) : std::floor(exact + 0.5);
    };
    return squares_.cut(frame, corner(c.x), corner(c.y), side, patch);
  }

  Options options_{};
  int search_ = 255;  // pixels, for this target
  FilledSquares squares_{FilledSquares::Colour::down};
};

}  // namespace pursuit::inline v0
