// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/crop.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/core/image.hpp>
#include <pursuit/core/track.hpp>
#include <pursuit/kernels/crop.hpp>

#include <algorithm>
#include <array>
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
  /// Throws Error unless both patches have 1 to 16384 pixels a side, the search patch is at most 16 times the
  /// exemplar's, and the context is 0 to 16: the squares then have whole numbers as corners.
  explicit ContextRegion(const Options& o) : options_(o) {
    if (o.exemplar < 1 || o.search < 1 || o.search > 16384 || o.search / 16 > o.exemplar || o.exemplar > 16384 ||
        !(o.context >= 0 && o.context <= 16))
      throw Error(concat("ContextRegion: exemplar of ", o.exemplar, ", search of ", o.search, " pixels, context ",
                         o.context, ": need 1 to 16384 pixels, a search of at most 16 exemplars, context 0 to 16"));
  }

  void start(const ImageView& frame, const Box&) { learn_colour(frame); }

  Crop exemplar(const ImageView& frame, const TargetState& state) const {
    return square(frame, state.track.box, exemplar_side(state.track.box), options_.exemplar);
  }
  Crop search(const ImageView& frame, const TargetState& state, double factor) const {
    const double side = exemplar_side(state.track.box) * options_.search / options_.exemplar;
    return square(frame, state.track.box, side * factor, options_.search);
  }

 private:
  double exemplar_side(const Box& b) const {
    const double p = options_.context * (b.w + b.h);
    return std::sqrt((b.w + p) * (b.h + p));
  }

  void learn_colour(const ImageView& frame) {
    colour_ = kernels::mean_colour(frame);
    for (float& c : colour_) c = std::nearbyint(c);
    channels_ = frame.channels;
    order_ = frame.order;
  }

  Crop square(const ImageView& frame, const Box& b, double side, int patch) const {
    const double size = std::max(1.0, std::nearbyint(side));
    const double left = std::nearbyint(b.x + (b.w - 1) / 2 - (size - 1) / 2);
    const double top = std::nearbyint(b.y + (b.h - 1) / 2 - (size - 1) / 2);
    const auto x0 = static_cast<int>(left), y0 = static_cast<int>(top), n = static_cast<int>(size);
    Crop crop = resized({x0, y0, x0 + n - 1, y0 + n - 1}, patch, patch);
    crop.unit_x = crop.unit_y = side / patch;
    crop.border = Border::constant;
    crop.colour = colour_;
    if (frame.channels != channels_ || (channels_ == 3 && frame.order != order_)) {  // the camera changed its format
      ContextRegion other = *this;
      other.learn_colour(frame);
      crop.colour = other.colour_;
    }
    crop.rounding = Rounding::u8;
    return crop;
  }

  Options options_{};
  std::array<float, 3> colour_{};
  int channels_ = 3;
  PixelOrder order_ = PixelOrder::rgb;
};

}  // namespace pursuit::inline v0
