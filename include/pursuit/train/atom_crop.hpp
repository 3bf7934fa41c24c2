// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/box.hpp>
#include <pursuit/core/crop.hpp>
#include <pursuit/core/random.hpp>

#include <algorithm>
#include <cmath>

namespace pursuit::inline v0 {

/// What ATOM and its descendants learn from: a square of `padding` times a box's size (the root of its area) around its
/// centre, cut out at whole pixels and resized to a patch of always the same size.
///
///     n = ceil(padding sqrt(w h))                     pixels of the frame, each way
///     first pixel (round(c.x - n/2), round(c.y - n/2))
///
/// resized as cv::resize does on 8-bit pixels. Beyond the frame the nearest pixel is repeated. (The public code leaves
/// the frame's last column and row out where a square reaches them; here they are seen.)
///
/// Trackers cut the square in another way: see AtomRegion.
///
/// Ref  Danelljan et al. 2019; visionml/pytracking (`sample_target`, `transform_image_to_crop`).
struct AtomCrop {
  Crop crop;
  Point around;       ///< centre of the box that was cut around
  double factor = 1;  ///< pixels of the patch for one of the frame

  /// Pre: the box has positive size; side and padding are positive.
  AtomCrop(const Box& box, double padding, int side) : around(center(box)) {
    const double pixels = std::clamp(std::ceil(padding * std::sqrt(box.w * box.h)), 1.0, 1e6);
    const auto left = [&](double c) { return static_cast<int>(std::nearbyint(std::clamp(c - pixels / 2, -1e8, 1e8))); };
    const int x = left(around.x), y = left(around.y), n = static_cast<int>(pixels);
    crop = resized({x, y, x + n - 1, y + n - 1}, side, side);
    crop.border = Border::replicate;
    crop.rounding = Rounding::u8;
    factor = side / pixels;
  }

  /// A box of the frame in pixels of the patch, where the middle of the square is at (side - 1) / 2.
  Box to_patch(const Box& b) const {
    const Point c = center(b);
    return box_around({(crop.width - 1) / 2.0 + (c.x - around.x) * factor,  //
                       (crop.height - 1) / 2.0 + (c.y - around.y) * factor},
                      b.w * factor, b.h * factor);
  }
};

/// A box of another size and place, to cut around, so that a network does not learn that targets are always in the
/// middle: size * exp(scale N(0,1)) for each axis, centre + centre sqrt(w' h') (U - 1/2).
inline Box jittered(const Box& b, double centre, double scale, Random& random) {
  const double w = b.w * std::exp(scale * random.normal()), h = b.h * std::exp(scale * random.normal());
  const double reach = centre * std::sqrt(w * h);
  const Point c = center(b);
  const double x = c.x + reach * (random.uniform() - 0.5), y = c.y + reach * (random.uniform() - 0.5);
  return box_around({x, y}, w, h);
}

}  // namespace pursuit::inline v0
