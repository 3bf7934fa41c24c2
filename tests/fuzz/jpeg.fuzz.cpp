// SPDX-License-Identifier: MIT
#include <pursuit/io/jpeg.hpp>

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static pursuit::JpegDecoder decoder;  // kept: a broken picture must not harm the next
  pursuit::Image image;
  try {
    decoder.decode({data, size}, image, {.max_pixels = 1 << 18});
  } catch (const pursuit::Error&) {
  }
  return 0;
}
