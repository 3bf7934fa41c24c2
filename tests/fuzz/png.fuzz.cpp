// SPDX-License-Identifier: MIT
#include <pursuit/io/png.hpp>

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using pursuit::PixelOrder;
  pursuit::Image image;
  for (const auto order :
       {std::optional<PixelOrder>(), std::optional(PixelOrder::bgr), std::optional(PixelOrder::grey)})
    try {
      pursuit::decode_png({data, size}, image, {.max_pixels = 1 << 18}, order);
    } catch (const pursuit::Error&) {
    }
  return 0;
}
