// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/box.hpp>
#include <pursuit/core/crop.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/core/image.hpp>
#include <pursuit/kernels/crop.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace pursuit::inline v0 {

/// The squares that Siamese trackers look at: cut out at whole pixels, filled with the mean colour of the first frame
/// where they leave the frame, resized as cv::resize does on 8-bit pixels.
class FilledSquares {
 public:
  /// What becomes of the fractions of a mean colour.
  enum class Colour { nearest, down };

  explicit FilledSquares(Colour rounding) : rounding_(rounding) {}

  /// sqrt((w + p) (h + p)) with p = context (w + h): the side of a square with the target and its surroundings, pixels
  /// of the frame.
  static double side(const Box& b, double context) {
    const double p = context * (b.w + b.h);
    return std::sqrt((b.w + p) * (b.h + p));
  }
  /// Pixels of the frame that a square of this side is cut out with.
  static double whole(double side) { return std::max(1.0, std::nearbyint(side)); }

  /// Throws Error naming `where` unless patches have 1 to 16384 pixels a side, the search patch is at most 16 times the
  /// exemplar's, and the context is 0 to 16: the squares then have whole numbers as corners.
  static void require(const char* where, int exemplar, int search, double context) {
    if (exemplar < 1 || search < 1 || search > 16384 || search / 16 > exemplar || exemplar > 16384 ||
        !(context >= 0 && context <= 16))
      throw Error(concat(where, ": exemplar of ", exemplar, ", search of ", search, " pixels, context ", context,
                         ": need 1 to 16384 pixels, a search of at most 16 exemplars, context 0 to 16"));
  }

  void start(const ImageView& first) {
    colour_ = kernels::mean_colour(first);
    for (float& c : colour_) c = rounding_ == Colour::nearest ? std::nearbyint(c) : std::floor(c);
    channels_ = first.channels;
    order_ = first.order;
  }

  /// The square of whole(side) pixels with its first pixel at (left, top), as a patch of `patch` pixels a side.
  Crop cut(const ImageView& frame, double left, double top, double side, int patch) const {
    const auto x0 = static_cast<int>(left), y0 = static_cast<int>(top), n = static_cast<int>(whole(side));
    Crop crop = resized({x0, y0, x0 + n - 1, y0 + n - 1}, patch, patch);
    crop.unit_x = crop.unit_y = side / patch;
    crop.border = Border::constant;
    crop.colour = colour_;
    if (frame.channels != channels_ || (channels_ == 3 && frame.order != order_)) {  // the camera changed its format
      FilledSquares other(rounding_);
      other.start(frame);
      crop.colour = other.colour_;
    }
    crop.rounding = Rounding::u8;
    return crop;
  }

 private:
  Colour rounding_;
  std::array<float, 3> colour_{};
  int channels_ = 3;
  PixelOrder order_ = PixelOrder::rgb;
};

}  // namespace pursuit::inline v0
