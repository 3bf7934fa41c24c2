// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/image.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace pursuit::inline v0 {

/// How large a picture may be. Checked against the file's header before memory is taken for its pixels.
struct ImageLimits {
  std::size_t max_pixels = std::size_t{1} << 27;  ///< width * height
  std::size_t max_bytes = std::size_t{1} << 28;   ///< of the compressed file
};

namespace detail {

/// Throws Error where a header claims more than the limits, or more than `bytes` of compressed data can hold when
/// one of them gives at most `pixels_per_byte`. A short file that claims a huge picture costs no memory this way.
inline void check_claim(std::int64_t width, std::int64_t height, std::size_t bytes, std::size_t pixels_per_byte,
                        const ImageLimits& limits) {
  if (width < 1 || height < 1 || width > max_frame_side || height > max_frame_side)
    throw Error(concat("picture of ", width, "x", height, " pixels: need 1 to ", max_frame_side, " each way"));
  const auto pixels = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  if (pixels > limits.max_pixels)
    throw Error(concat("picture of ", width, "x", height, " pixels: the limit is ", limits.max_pixels, " pixels"));
  if (pixels / pixels_per_byte > bytes)
    throw Error(concat("truncated: ", bytes, " bytes cannot hold a picture of ", width, "x", height, " pixels"));
}

/// Gives `image` this size and order; takes memory only where they change.
inline void reshape(Image& image, int width, int height, PixelOrder order) {
  if (image.width() != width || image.height() != height || image.order() != order || image.empty())
    image = Image(width, height, order);
}

}  // namespace detail

}  // namespace pursuit::inline v0
