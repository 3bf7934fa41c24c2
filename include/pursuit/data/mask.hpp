// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/box.hpp>
#include <pursuit/core/image.hpp>
#include <pursuit/data/annotation.hpp>

#include <algorithm>

namespace pursuit::inline v0 {

/// The smallest box that holds every pixel of a mask that is not black; `no_box` where all are.
/// Throws Error where the picture cannot be read.
inline Box mask_box(const ImageView& mask) {
  require_readable(mask, "mask_box");
  const std::ptrdiff_t bytes = static_cast<std::ptrdiff_t>(mask.width) * mask.channels;
  int top = -1, bottom = -1;
  std::ptrdiff_t first = bytes, last = -1;
  const auto set = [](std::uint8_t v) { return v != 0; };
  for (int y = 0; y < mask.height; ++y) {
    const std::uint8_t* row = mask.row(y);
    const std::uint8_t* begin = std::find_if(row, row + bytes, set);
    if (begin == row + bytes) continue;
    std::ptrdiff_t end = bytes - 1;
    while (!set(row[end])) --end;
    if (top < 0) top = y;
    bottom = y;
    first = std::min(first, begin - row);
    last = std::max(last, end);
  }
  if (top < 0) return no_box;
  const auto left = static_cast<double>(first / mask.channels), right = static_cast<double>(last / mask.channels);
  return {left, static_cast<double>(top), right - left + 1, bottom - top + 1.0};
}

}  // namespace pursuit::inline v0
