// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/crop.hpp>
#include <pursuit/core/image.hpp>
#include <pursuit/core/random.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/kernels/crop.hpp>

#include <algorithm>

namespace pursuit::inline v0 {

/// What is done to the colours of a patch.
struct ColourChange {
  bool grey = false;
  float brightness = 1;  ///< factor
};

/// How colours are changed at random: both patches of a pair become grey together, each has its own brightness.
struct ColourJitter {
  double grey = 0.05;       ///< probability
  double brightness = 0.2;  ///< the factor is between 1 - this and 1 + this

  static ColourJitter none() { return {0, 0}; }

  bool draw_grey(Random& random) const { return random.uniform() < grey; }
  ColourChange draw(bool is_grey, Random& random) const {
    const double low = std::max(1 - brightness, 0.0);
    return {is_grey, static_cast<float>(random.uniform(low, 1 + brightness))};
  }
};

/// The crop of a frame with its colours changed, in numbers for a network:
///
///     p <- clamp(brightness p, 0, 255)       of grey pixels p = 0.299 R + 0.587 G + 0.114 B
///     patch = (p - mean) scale               for each channel, as `format` says
///
/// Shape (3, c.height, c.width). Public code makes whole frames grey, in 8 bits, before it resamples them: a difference
/// within the rounding. Pre: the frame is readable, the format has three channels.
inline Tensor<float, 3> changed_crop(const ImageView& frame, const Crop& c, const PixelFormat& format,
                                     const ColourChange& change) {
  Tensor<float, 3> patch = make_tensor<float, 3>({3, c.height, c.width});
  if (!change.grey && change.brightness == 1) {
    kernels::crop(frame, c, format, patch);
    return patch;
  }
  kernels::crop(frame, c, {.order = format.order}, patch);
  const Index pixels = Index{c.height} * c.width;
  float* const first = patch.data();
  if (change.grey) {
    float* const red = first + (format.order == PixelOrder::bgr ? 2 * pixels : 0);
    float* const green = first + pixels;
    float* const blue = first + (format.order == PixelOrder::bgr ? 0 : 2 * pixels);
    for (Index i = 0; i < pixels; ++i)
      red[i] = green[i] = blue[i] = 0.299F * red[i] + 0.587F * green[i] + 0.114F * blue[i];
  }
  for (std::size_t channel = 0; channel < 3; ++channel) {
    float* const values = first + static_cast<Index>(channel) * pixels;
    const float factor = change.brightness, mean = format.mean[channel], scale = format.scale[channel];
    for (Index i = 0; i < pixels; ++i) values[i] = (std::clamp(factor * values[i], 0.0F, 255.0F) - mean) * scale;
  }
  return patch;
}

}  // namespace pursuit::inline v0
