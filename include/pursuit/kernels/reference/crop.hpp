// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/crop.hpp>
#include <pursuit/core/tensor_view.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace pursuit::inline v0::kernels::reference {

namespace detail {

/// Channel k of the frame's pixel (x, y), which may lie outside of the frame.
inline float frame_pixel(const ImageView& frame, const Crop& c, int x, int y, int k) {
  const int cx = std::clamp(x, 0, frame.width - 1), cy = std::clamp(y, 0, frame.height - 1);
  if (c.border == Border::constant && (x != cx || y != cy)) {
    const float colour = c.colour[static_cast<std::size_t>(k)];
    return c.rounding == Rounding::u8 ? std::clamp(std::nearbyint(colour), 0.0F, 255.0F) : colour;
  }
  return static_cast<float>(frame.row(cy)[cx * frame.channels + k]);
}

struct LinearTap {
  int first, second;
  double fraction;
};

/// The two pixels, clamped to the window, and how far the sample lies from the first towards the second.
inline LinearTap linear_tap(double at, int low, int high) {
  const double cell = std::floor(at);
  const auto inside = [&](double v) { return static_cast<int>(std::clamp<double>(v, low, high)); };
  return {inside(cell), inside(cell + 1), at - cell};
}

/// The same among the pixels phase, phase + every, ... of `extent`, the last of which is repeated.
inline LinearTap thinned_tap(double at, int low, int high, int every, int phase, int extent) {
  const auto number = [&](double v) { return static_cast<int>(std::floor((v - phase) / every)); };
  const LinearTap tap = linear_tap((at - phase) / every, number(low), number(high));
  const auto pixel = [&](int k) { return phase + std::clamp(k, 0, number(extent - 1)) * every; };
  return {pixel(tap.first), pixel(tap.second), tap.fraction};
}

/// The sample of one channel, before the PixelFormat.
inline float crop_sample(const ImageView& frame, const Crop& c, int u, int v, int k) {
  const double x = c.x + u * c.step_x, y = c.y + v * c.step_y;
  LinearTap h = linear_tap(x, c.window.x0, c.window.x1), w = linear_tap(y, c.window.y0, c.window.y1);
  if (c.every != 1) {
    h = thinned_tap(x, c.window.x0, c.window.x1, c.every, c.phase[0], frame.width);
    w = thinned_tap(y, c.window.y0, c.window.y1, c.every, c.phase[1], frame.height);
  }
  const auto pixel = [&](int i, int j) { return frame_pixel(frame, c, i, j, k); };
  if (c.rounding == Rounding::none) {
    const auto fx = static_cast<float>(h.fraction), fy = static_cast<float>(w.fraction);
    const float top = (1 - fx) * pixel(h.first, w.first) + fx * pixel(h.second, w.first);
    const float bottom = (1 - fx) * pixel(h.first, w.second) + fx * pixel(h.second, w.second);
    return (1 - fy) * top + fy * bottom;
  }
  // cv::resize: coordinates in float relative to the window, weights of 11 bits, truncated products.
  const auto weights = [](float f) {
    return std::array<int, 2>{static_cast<int>(std::nearbyint((1 - f) * 2048)),
                              static_cast<int>(std::nearbyint(f * 2048))};
  };
  const auto relative = [](double at, int origin) { return static_cast<float>(at - origin); };
  const float rx = relative(x, c.window.x0), ry = relative(y, c.window.y0);
  h = linear_tap(c.window.x0 + static_cast<double>(std::floor(rx)), c.window.x0, c.window.x1);
  w = linear_tap(c.window.y0 + static_cast<double>(std::floor(ry)), c.window.y0, c.window.y1);
  const auto a = weights(h.first == h.second ? 0.0F : rx - std::floor(rx)), b = weights(ry - std::floor(ry));
  const auto row = [&](int j) {
    return (static_cast<int>(pixel(h.first, j)) * a[0] + static_cast<int>(pixel(h.second, j)) * a[1]) >> 4;
  };
  return static_cast<float>((((row(w.first) * b[0]) >> 16) + ((row(w.second) * b[1]) >> 16) + 2) >> 2);
}

}  // namespace detail

/// The plain form of kernels::crop. With Rounding::u8 the window must be bounded.
inline void crop(const ImageView& frame, const Crop& c, const PixelFormat& format, const TensorView<float, 3>& patch) {
  const bool swap = frame.channels == 3 && frame.order != format.order;
  for (int v = 0; v < c.height; ++v)
    for (int u = 0; u < c.width; ++u) {
      std::array<float, 3> colour{};
      for (int k = 0; k < frame.channels; ++k)
        colour[static_cast<std::size_t>(k)] = detail::crop_sample(frame, c, u, v, k);
      if (frame.channels == 1) colour[1] = colour[2] = colour[0];
      if (format.order == PixelOrder::grey) {
        if (frame.channels == 3) {
          if (frame.order == PixelOrder::bgr) std::swap(colour[0], colour[2]);
          colour[0] = 0.299F * colour[0] + 0.587F * colour[1] + 0.114F * colour[2];
        }
      } else if (swap) {
        std::swap(colour[0], colour[2]);
      }
      for (int k = 0; k < format.channels(); ++k) {
        const auto i = static_cast<std::size_t>(k);
        patch(k, v, u) = (colour[i] - format.mean[i]) * format.scale[i];
      }
    }
}

/// The plain form of kernels::mean_colour.
inline std::array<float, 3> mean_colour(const ImageView& frame) {
  std::array<double, 3> sum{};
  for (int y = 0; y < frame.height; ++y)
    for (int x = 0; x < frame.width; ++x)
      for (int k = 0; k < 3; ++k)
        sum[static_cast<std::size_t>(k)] += frame.row(y)[x * frame.channels + (frame.channels == 3 ? k : 0)];
  std::array<float, 3> mean{};
  for (std::size_t k = 0; k < 3; ++k)
    mean[k] = static_cast<float>(sum[k] / (static_cast<double>(frame.width) * frame.height));
  return mean;
}

}  // namespace pursuit::inline v0::kernels::reference
