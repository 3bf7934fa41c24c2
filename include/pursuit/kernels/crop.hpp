// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/crop.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/core/tensor_view.hpp>
#include <pursuit/kernels/cpu/crop.hpp>

#include <array>
#include <cmath>

namespace pursuit::inline v0::kernels {

namespace detail {

inline void require_thinnable(const ImageView& frame, const Crop& c) {
  const bool in_frame = c.phase[0] >= 0 && c.phase[1] >= 0 && c.phase[0] < frame.width && c.phase[1] < frame.height;
  if (c.every < 1 || c.every > 1024 || !in_frame || c.border != Border::replicate || c.rounding != Rounding::none)
    throw Error(concat("crop: every ", c.every, "th pixel from (", c.phase[0], ", ", c.phase[1],
                       "): need 1 to 1024 and a start in the frame, Border::replicate and Rounding::none"));
}

}  // namespace detail

/// Resamples the part of `frame` that `c` names (core/crop.hpp says exactly how) and writes it as `format` says.
///
/// Shapes  patch (format.channels(), c.height, c.width).
/// Rounding::u8 gives the bytes of cv::resize(INTER_LINEAR) on the window, cut out with its border; the border
/// colour is rounded too. Conversion between grey and colour comes after resampling and is not rounded.
/// Nothing is allocated. Pre: the frame is readable (require_readable).
/// Throws ShapeError where the patch has another shape, Error where the crop is not finite, its window is empty, or
/// its thinning is none.
inline void crop(const ImageView& frame, const Crop& c, const PixelFormat& format, const TensorView<float, 3>& patch) {
  require_shape("crop", "patch", patch.shape, Shape<3>{format.channels(), c.height, c.width});
  const double last_x = c.x + c.step_x * c.width, last_y = c.y + c.step_y * c.height;
  if (!std::isfinite(c.x) || !std::isfinite(c.y) || !std::isfinite(last_x) || !std::isfinite(last_y))
    throw Error(concat("crop: starts at (", c.x, ", ", c.y, ") with steps (", c.step_x, ", ", c.step_y,
                       "): need finite numbers"));
  if (c.window.x1 < c.window.x0 || c.window.y1 < c.window.y0)
    throw Error(concat("crop: window is [", c.window.x0, ", ", c.window.x1, "] x [", c.window.y0, ", ", c.window.y1,
                       "]: need at least one pixel"));
  if (c.every != 1 || c.phase != std::array{0, 0}) detail::require_thinnable(frame, c);
  cpu::crop(frame, c, format, patch);
}

/// The mean of each channel over the whole frame, from exact sums, in 8-bit units and the order of the frame's
/// channels; three times the same for grey. Pre: the frame is readable (require_readable).
inline std::array<float, 3> mean_colour(const ImageView& frame) { return cpu::mean_colour(frame); }

}  // namespace pursuit::inline v0::kernels
