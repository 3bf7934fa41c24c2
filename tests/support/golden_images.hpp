// SPDX-License-Identifier: MIT
#pragma once

#include "bytes.hpp"

#include <pursuit/core/image.hpp>

#include <cstdint>
#include <filesystem>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace test {

/// A file of tests/golden/images and what OpenCV reads from it.
struct GoldenImage {
  std::string name;
  int width = 0;
  int height = 0;
  int channels = 0;
  std::uint64_t bgr = 0;     ///< hash of the pixels in BGR
  std::uint64_t stored = 0;  ///< hash of the pixels as stored, where they are grey
  std::vector<std::uint8_t> bytes;
};

inline std::filesystem::path golden_images_folder() {
  return std::filesystem::path(PURSUIT_SOURCE_DIR) / "tests" / "golden" / "images";
}

inline std::vector<std::uint8_t> golden_bytes(const std::string& name) {
  const std::string text = read_file(golden_images_folder() / name);
  return {text.begin(), text.end()};
}

inline std::vector<GoldenImage> golden_images(std::string_view ending) {
  std::vector<GoldenImage> images;
  std::istringstream lines(read_file(golden_images_folder() / "hashes.txt"));
  GoldenImage g;
  while (lines >> g.name >> std::dec >> g.width >> g.height >> g.channels >> std::hex >> g.bgr >> g.stored) {
    if (!g.name.ends_with(ending)) continue;
    g.bytes = golden_bytes(g.name);
    images.push_back(g);
  }
  return images;
}

/// FNV-1a over the pixels.
inline std::uint64_t hash_of(const pursuit::ImageView& image) {
  std::uint64_t hash = 0xCBF29CE484222325ULL;
  for (int y = 0; y < image.height; ++y)
    for (int i = 0; i < image.width * image.channels; ++i) hash = (hash ^ image.row(y)[i]) * 0x100000001B3ULL;
  return hash;
}

/// A picture with something of everything in it.
inline pursuit::Image waves(int width, int height, pursuit::PixelOrder order) {
  pursuit::Image image(width, height, order);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      for (int c = 0; c < image.channels(); ++c)
        image.at(x, y)[c] = static_cast<std::uint8_t>((x * (3 + c) + y * (5 - c) + (x * y) / 16) % 256);
  return image;
}

}  // namespace test
