// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/box.hpp>
#include <pursuit/core/image.hpp>

#include <array>
#include <limits>
#include <optional>

namespace pursuit::inline v0 {

/// What a crop shows where the frame has no pixels.
enum class Border {
  constant,  ///< the colour that the crop names (zero, or the mean of the frame)
  replicate  ///< the nearest pixel of the frame
};

/// Whether the values of a resampled patch stay real or are rounded to 8 bits, as cv::resize does.
enum class Rounding { none, u8 };

/// Pixels [x0, x1] x [y0, y1] of a frame, both ends included; may reach outside of it.
struct PixelRect {
  int x0 = std::numeric_limits<int>::min() / 2;
  int y0 = std::numeric_limits<int>::min() / 2;
  int x1 = std::numeric_limits<int>::max() / 2;
  int y1 = std::numeric_limits<int>::max() / 2;
  friend bool operator==(const PixelRect&, const PixelRect&) = default;
};

/// Which part of a frame becomes a patch, and how.
///
/// Patch pixel (u, v) is the bilinear sample of the frame at
///
///     (x + u * step_x,  y + v * step_y)          pixel centres of the frame are at whole numbers
///
/// The two (per axis, nearest) pixels that are blended are first clamped to `window`, then read from the frame,
/// or from beyond its edge by the border rule.
struct Crop {
  int width = 0;  ///< pixels of the patch
  int height = 0;
  double x = 0;  ///< where in the frame the patch's first pixel is sampled
  double y = 0;
  double step_x = 1;  ///< pixels of the frame from one pixel of the patch to the next
  double step_y = 1;
  double unit_x = 1;   ///< pixels of the frame that a displacement of one patch pixel counts for. It is step_x up
  double unit_y = 1;   ///< to the rounding of the window in some published trackers.
  PixelRect window{};  ///< samples see only these pixels: a patch that was cut out before it was resized
  Border border = Border::constant;
  std::array<float, 3> colour{};  ///< border colour in 8-bit units, in the order of the frame's channels
  Rounding rounding = Rounding::none;
  /// Only every so-manieth column and row of the frame is looked at, counted from `phase`: published code that thins
  /// large frames out before it resamples. The pixels that are blended are neighbours among these. Other than 1 only
  /// with Border::replicate and Rounding::none.
  int every = 1;
  std::array<int, 2> phase{};  ///< column and row, 0 to every - 1, within the frame
  /// Which place of the frame (pixel centres at whole numbers) counts as the patch's middle, where published code
  /// reckons with another one than is sampled there.
  std::optional<Point> middle{};
};

/// The whole-pixel rectangle `window`, cut out and then resized to width x height with half-pixel centres
/// (cv::resize, INTER_LINEAR): x = x0 - 1/2 + (u + 1/2) * size / width, clamped to the window.
inline Crop resized(const PixelRect& window, int width, int height) {
  const double step_x = (window.x1 - window.x0 + 1.0) / width, step_y = (window.y1 - window.y0 + 1.0) / height;
  Crop crop{.width = width, .height = height};
  crop.x = window.x0 - 0.5 + 0.5 * step_x;
  crop.y = window.y0 - 0.5 + 0.5 * step_y;
  crop.step_x = crop.unit_x = step_x;
  crop.step_y = crop.unit_y = step_y;
  crop.window = window;
  return crop;
}

/// The affine map that sends the corners of a w x h window around `c` to the centres of the patch's corner pixels.
/// A displacement of one patch pixel counts for w / width pixels of the frame (DCFNet's convention).
inline Crop corner_aligned(Point c, double w, double h, int width, int height) {
  Crop crop{.width = width, .height = height};
  crop.x = c.x - w / 2;
  crop.y = c.y - h / 2;
  crop.step_x = width > 1 ? w / (width - 1) : 0;
  crop.step_y = height > 1 ? h / (height - 1) : 0;
  crop.unit_x = w / width;
  crop.unit_y = h / height;
  return crop;
}

/// The same place and resolution, `margin` times as wide and high, not bound to the window it was cut from.
inline Crop expanded(Crop crop, int margin) {
  crop.x -= crop.step_x * crop.width * (margin - 1) / 2.0;
  crop.y -= crop.step_y * crop.height * (margin - 1) / 2.0;
  crop.width *= margin;
  crop.height *= margin;
  crop.window = {};
  return crop;
}

/// The place of the frame (pixel centres) that counts as the middle of the patch, ((width - 1) / 2, (height - 1) / 2).
inline Point middle_of(const Crop& crop) {
  return crop.middle.value_or(
      Point{crop.x + crop.step_x * (crop.width - 1) / 2.0, crop.y + crop.step_y * (crop.height - 1) / 2.0});
}

/// A box of the frame in pixels of the patch. (A box covers areas: its whole numbers are pixel borders; a crop samples
/// points: its whole numbers are pixel centres.) Where the crop names its middle, boxes are reckoned from there, in its
/// units.
inline Box to_patch(const Crop& crop, const Box& b) {
  if (crop.middle) {
    const double w = b.w / crop.unit_x, h = b.h / crop.unit_y;
    return {(b.x + (b.w - 1) / 2 - crop.middle->x) / crop.unit_x + (crop.width - w) / 2,
            (b.y + (b.h - 1) / 2 - crop.middle->y) / crop.unit_y + (crop.height - h) / 2, w, h};
  }
  return {(b.x - 0.5 - crop.x) / crop.step_x + 0.5, (b.y - 0.5 - crop.y) / crop.step_y + 0.5, b.w / crop.step_x,
          b.h / crop.step_y};
}

/// The way back: a box of the patch in pixels of the frame.
inline Box from_patch(const Crop& crop, const Box& b) {
  if (crop.middle) {
    const double w = b.w * crop.unit_x, h = b.h * crop.unit_y;
    return {crop.middle->x + (b.x + (b.w - crop.width) / 2) * crop.unit_x - (w - 1) / 2,
            crop.middle->y + (b.y + (b.h - crop.height) / 2) * crop.unit_y - (h - 1) / 2, w, h};
  }
  return {(b.x - 0.5) * crop.step_x + crop.x + 0.5, (b.y - 0.5) * crop.step_y + crop.y + 0.5, b.w * crop.step_x,
          b.h * crop.step_y};
}

/// How pixels become numbers: channel order, then (value - mean[c]) * scale[c]. Patches are (3, height, width),
/// or (1, height, width) for `grey`. Grey frames fill three channels with the same value; colour frames become
/// grey by 0.299 R + 0.587 G + 0.114 B.
struct PixelFormat {
  PixelOrder order = PixelOrder::rgb;
  std::array<float, 3> mean{0, 0, 0};
  std::array<float, 3> scale{1, 1, 1};

  int channels() const { return order == PixelOrder::grey ? 1 : 3; }
};

}  // namespace pursuit::inline v0
