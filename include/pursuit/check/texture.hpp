// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/random.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace pursuit::inline v0::check {

/// Value noise on a torus: smooth random hills of several sizes, in [0, 65535].
///
///     n(x, y) = sum_k a_k * lattice_k(x / s_k, y / s_k)      s_k = coarsest, coarsest / 2, ... finest
///                                                            a_k = s_k + coarsest / 8
///
/// Each lattice is interpolated with the smooth step 3f^2 - 2f^3. Everything is whole numbers, so the result is the
/// same to the bit on every platform. It repeats after width and height pixels.
/// Pre: width and height are multiples of `coarsest`; coarsest and finest are powers of two, finest <= coarsest <= 256.
inline std::vector<std::uint16_t> value_noise(int width, int height, int coarsest, int finest, std::uint64_t seed) {
  const std::size_t w = static_cast<std::size_t>(width), h = static_cast<std::size_t>(height);
  std::vector<std::uint32_t> sum(w * h, 0);
  std::vector<std::uint32_t> lattice, row(w), step;
  std::uint32_t total = 0;
  Random random(seed);
  for (int size = coarsest; size >= finest; size /= 2) {
    const std::uint32_t amplitude = static_cast<std::uint32_t>(size + coarsest / 8);
    const std::size_t s = static_cast<std::size_t>(size), columns = w / s, rows = h / s;
    lattice.resize(columns * rows);
    for (auto& v : lattice) v = static_cast<std::uint32_t>(random.next() >> 48);
    step.resize(s);
    for (std::size_t i = 0; i < s; ++i) {
      const std::uint32_t f = static_cast<std::uint32_t>(i * 256 / s);
      step[i] = (f * f * (768 - 2 * f)) >> 16;
    }
    for (std::size_t y = 0; y < h; ++y) {
      const std::uint32_t* upper = lattice.data() + y / s * columns;
      const std::uint32_t* lower = lattice.data() + (y / s + 1) % rows * columns;
      const std::uint32_t fy = step[y % s];
      for (std::size_t c = 0; c < columns; ++c) row[c] = (upper[c] * (256 - fy) + lower[c] * fy) >> 8;
      std::uint32_t* out = sum.data() + y * w;
      for (std::size_t c = 0; c < columns; ++c) {
        const std::uint32_t left = row[c], right = row[(c + 1) % columns];
        for (std::size_t i = 0; i < s; ++i)
          out[c * s + i] += ((left * (256 - step[i]) + right * step[i]) >> 8) * amplitude;
      }
    }
    total += amplitude;
  }
  // A sum of independent octaves crowds around its middle: stretch it to use the whole range.
  std::uint32_t low = sum[0], high = sum[0];
  for (const std::uint32_t v : sum) low = std::min(low, v), high = std::max(high, v);
  const std::uint64_t range = std::max<std::uint32_t>(high - low, total);
  std::vector<std::uint16_t> out(w * h);
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<std::uint16_t>(std::uint64_t{sum[i] - low} * 65535 / range);
  return out;
}

/// Red, green, blue.
using Rgb = std::array<std::uint8_t, 3>;

/// The colour at `level` (0 to 65535) of a ramp through evenly spaced stops. Pre: at least two stops.
inline Rgb ramp(std::span<const Rgb> stops, std::uint32_t level) {
  const std::uint32_t position = level * static_cast<std::uint32_t>(stops.size() - 1);
  const std::size_t first = std::min<std::size_t>(position / 65536, stops.size() - 2);
  const std::uint32_t f = std::min<std::uint32_t>((position - static_cast<std::uint32_t>(first) * 65536) >> 8, 256);
  Rgb colour{};
  for (std::size_t c = 0; c < 3; ++c)
    colour[c] = static_cast<std::uint8_t>((stops[first][c] * (256 - f) + stops[first + 1][c] * f + 128) >> 8);
  return colour;
}

/// RGB pixels with one more column and row than it repeats after, so that bilinear taps need no test for the edge.
class Texture {
 public:
  Texture() = default;
  /// Pre: width and height are at least 1.
  Texture(int width, int height)
      : width_(width), height_(height), pixels_(static_cast<std::size_t>(width + 1) * (height + 1) * 3) {}

  int width() const { return width_; }
  int height() const { return height_; }
  /// Bytes from one row to the next.
  std::ptrdiff_t stride() const { return (std::ptrdiff_t{width_} + 1) * 3; }
  const std::uint8_t* at(int x, int y) const { return pixels_.data() + y * stride() + std::ptrdiff_t{x} * 3; }
  std::uint8_t* at(int x, int y) { return pixels_.data() + y * stride() + std::ptrdiff_t{x} * 3; }

  /// Fills the extra column and row from the first ones, so that the texture is a torus.
  void close() {
    for (int y = 0; y < height_; ++y) std::copy_n(at(0, y), 3, at(width_, y));
    std::copy_n(at(0, 0), stride(), at(0, height_));
  }

 private:
  int width_ = 0;
  int height_ = 0;
  std::vector<std::uint8_t> pixels_;
};

/// Noise seen through a colour ramp, on a torus of width x height pixels. Pre: those of value_noise().
inline Texture coloured_noise(int width, int height, int coarsest, int finest, std::uint64_t seed,
                              std::span<const Rgb> stops) {
  const std::vector<std::uint16_t> level = value_noise(width, height, coarsest, finest, seed);
  Texture texture(width, height);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const Rgb colour = ramp(stops, level[static_cast<std::size_t>(y) * width + x]);
      std::copy_n(colour.begin(), 3, texture.at(x, y));
    }
  texture.close();
  return texture;
}

}  // namespace pursuit::inline v0::check
