// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/crop.hpp>
#include <pursuit/core/image.hpp>
#include <pursuit/core/track.hpp>
#include <pursuit/kernels/crop.hpp>

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
  explicit PysotRegion(const Options& options) : options_(options) {}

  /// The target's centre as that code has it: in the first frame between the centres of the outer pixels, x + (w-1)/2
  /// (DaSiamRPN: not), afterwards the middle of the box, x + w/2.
  static Point center_of(const TargetState& state, bool first_between_pixels = true) {
    const Box& b = state.track.box;
    return first_between_pixels && b == state.first ? Point{b.x + (b.w - 1) / 2, b.y + (b.h - 1) / 2} : center(b);
  }

  void start(const ImageView& frame, const Box& target) {
    learn_colour(frame);
    const double share = area(target) / (static_cast<double>(frame.width) * frame.height);
    search_ = share < options_.small_share ? options_.search_of_small : options_.search;
  }

  Crop exemplar(const ImageView& frame, const TargetState& state) const {
    return square(frame, state, exemplar_side(state.track.box), options_.exemplar);
  }
  Crop search(const ImageView& frame, const TargetState& state, double factor) const {
    const int lost = std::min(state.lost_frames, 10000);  // so that the product stays in range
    const int patch = std::max(search_, std::min(search_ + options_.growth * lost, options_.search_most));
    const double share = static_cast<double>(patch) / options_.exemplar;
    return square(frame, state, exemplar_side(state.track.box) * share * factor, patch);
  }

 private:
  double exemplar_side(const Box& b) const {
    const double p = options_.context * (b.w + b.h);
    return std::sqrt((b.w + p) * (b.h + p));
  }

  void learn_colour(const ImageView& frame) {
    colour_ = kernels::mean_colour(frame);
    for (float& c : colour_) c = std::floor(c);
    channels_ = frame.channels;
    order_ = frame.order;
  }

  Crop square(const ImageView& frame, const TargetState& state, double side, int patch) const {
    const double size = std::max(1.0, std::nearbyint(side));
    const Point c = center_of(state, options_.first_between_pixels);
    const auto corner = [&](double middle) {
      const double exact = middle - (size + 1) / 2;
      return static_cast<int>(options_.ties_go_out ? std::round(exact) : std::floor(exact + 0.5));
    };
    const int x0 = corner(c.x), y0 = corner(c.y);
    const auto n = static_cast<int>(size);
    Crop crop = resized({x0, y0, x0 + n - 1, y0 + n - 1}, patch, patch);
    crop.unit_x = crop.unit_y = side / patch;
    crop.border = Border::constant;
    crop.colour = colour_;
    if (frame.channels != channels_ || frame.order != order_) {  // the camera changed its format
      PysotRegion other = *this;
      other.learn_colour(frame);
      crop.colour = other.colour_;
    }
    crop.rounding = Rounding::u8;
    return crop;
  }

  Options options_{};
  int search_ = 255;  // pixels, for this target
  std::array<float, 3> colour_{};
  int channels_ = 3;
  PixelOrder order_ = PixelOrder::rgb;
};

}  // namespace pursuit::inline v0
