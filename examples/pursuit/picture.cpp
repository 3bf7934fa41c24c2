// SPDX-License-Identifier: MIT
#include "picture.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

using pursuit::Box;
using pursuit::Image;
using pursuit::ImageView;
using pursuit::PixelOrder;

Image shrink(const ImageView& image, int width, int height) {
  width = std::clamp(width, 1, image.width);
  height = std::clamp(height, 1, image.height);
  const PixelOrder order = image.channels == 1 ? PixelOrder::grey : image.order;
  Image small(width, height, order);
  const auto from = [](int i, int large, int little) {
    return static_cast<int>(static_cast<std::int64_t>(i) * large / little);
  };
  std::vector<std::uint32_t> sums(static_cast<std::size_t>(width) * static_cast<std::size_t>(image.channels));
  for (int v = 0; v < height; ++v) {
    std::fill(sums.begin(), sums.end(), 0U);
    const int top = from(v, image.height, height), bottom = from(v + 1, image.height, height);
    for (int y = top; y < bottom; ++y) {
      const std::uint8_t* row = image.row(y);
      for (int u = 0; u < width; ++u)
        for (int x = from(u, image.width, width); x < from(u + 1, image.width, width); ++x)
          for (int c = 0; c < image.channels; ++c)
            sums[static_cast<std::size_t>(u * image.channels + c)] += row[x * image.channels + c];
    }
    for (int u = 0; u < width; ++u) {
      const auto covered =
          static_cast<std::uint32_t>((from(u + 1, image.width, width) - from(u, image.width, width)) * (bottom - top));
      for (int c = 0; c < image.channels; ++c)
        small.at(u, v)[c] =
            static_cast<std::uint8_t>((sums[static_cast<std::size_t>(u * image.channels + c)] + covered / 2) / covered);
    }
  }
  return small;
}

Image to_rgb(const ImageView& image) {
  Image out(image.width, image.height, PixelOrder::rgb);
  const int red = image.channels == 1 ? 0 : image.order == PixelOrder::bgr ? 2 : 0;
  const int green = image.channels == 1 ? 0 : 1;
  const int blue = image.channels == 1 ? 0 : 2 - red;
  for (int y = 0; y < image.height; ++y) {
    const std::uint8_t* in = image.row(y);
    std::uint8_t* to = out.at(0, y);
    for (int x = 0; x < image.width; ++x, in += image.channels, to += 3) {
      to[0] = in[red];
      to[1] = in[green];
      to[2] = in[blue];
    }
  }
  return out;
}

void draw_box(Image& image, const Box& box, Colour colour, int thickness) {
  if (!is_finite(box)) return;
  const auto pixel = [](double v, int side) { return static_cast<int>(std::clamp(std::round(v), -1e5, side + 1e5)); };
  const int x0 = pixel(box.x, image.width()), x1 = pixel(box.x + box.w, image.width());
  const int y0 = pixel(box.y, image.height()), y1 = pixel(box.y + box.h, image.height());
  const auto fill = [&](int left, int top, int right, int bottom) {
    for (int y = std::max(top, 0); y < std::min(bottom, image.height()); ++y)
      for (int x = std::max(left, 0); x < std::min(right, image.width()); ++x)
        std::copy(colour.begin(), colour.end(), image.at(x, y));
  };
  fill(x0, y0, x1, y0 + thickness);
  fill(x0, y1 - thickness, x1, y1);
  fill(x0, y0, x0 + thickness, y1);
  fill(x1 - thickness, y0, x1, y1);
}
