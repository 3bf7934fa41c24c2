// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/aligned.hpp>
#include <pursuit/core/crop.hpp>
#include <pursuit/core/image.hpp>
#include <pursuit/core/random.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/kernels/augment.hpp>
#include <pursuit/kernels/crop.hpp>

#include <algorithm>
#include <array>
#include <cstddef>

namespace pursuit::inline v0 {

/// What is done to the colours of a patch.
struct ColourChange {
  bool grey = false;
  float brightness = 1;                ///< factor
  float contrast = 1;                  ///< factor of the distance from a middle grey, 128
  std::array<float, 3> tint{1, 1, 1};  ///< factor of each channel
  double blur = 0;                     ///< deviation, pixels of the patch
  friend bool operator==(const ColourChange&, const ColourChange&) = default;
};

/// How colours are changed at random: both patches of a pair become grey together, all else is each one's own. The
/// last three are not published for ATOM; they are for data sets that are small, or sharper than what is tracked.
struct ColourJitter {
  double grey = 0.05;       ///< probability
  double brightness = 0.2;  ///< the factor is between 1 - this and 1 + this
  double contrast = 0;      ///< likewise
  double tint = 0;          ///< likewise, of each channel
  double blur = 0;          ///< every second patch is blurred, up to this

  static ColourJitter none() { return {0, 0}; }

  bool draw_grey(Random& random) const { return random.uniform() < grey; }
  ColourChange draw(bool is_grey, Random& random) const {
    const auto factor = [&](double spread) {
      return static_cast<float>(random.uniform(std::max(1 - spread, 0.0), 1 + spread));
    };
    ColourChange change{.grey = is_grey, .brightness = factor(brightness)};
    if (contrast > 0) change.contrast = factor(contrast);
    if (tint > 0)
      for (float& t : change.tint) t = factor(tint);
    if (blur > 0 && random.uniform() < 0.5) change.blur = random.uniform(0, blur);
    return change;
  }
};

namespace detail {

/// A Gaussian blur of each row, or of each column, of maps of h x w; the last pixel goes on beyond the border.
inline void blur_along(float* map, Index h, Index w, bool rows, const AlignedVector<double>& weights) {
  const Index n = rows ? w : h, lines = rows ? h : w, step = rows ? 1 : w, next = rows ? w : 1;
  const Index reach = std::ssize(weights) / 2;
  AlignedVector<float> line(static_cast<std::size_t>(n + 2 * reach));
  for (Index l = 0; l < lines; ++l) {
    float* const to = map + l * next;
    for (Index i = 0; i < n + 2 * reach; ++i)
      line[static_cast<std::size_t>(i)] = to[std::clamp<Index>(i - reach, 0, n - 1) * step];
    for (Index i = 0; i < n; ++i) {
      double sum = 0;
      for (Index k = 0; k <= 2 * reach; ++k)
        sum += weights[static_cast<std::size_t>(k)] * static_cast<double>(line[static_cast<std::size_t>(i + k)]);
      to[i * step] = static_cast<float>(sum);
    }
  }
}

}  // namespace detail

/// The crop of a frame with its colours changed, in numbers for a network:
///
///     p <- clamp(128 + contrast (tint brightness p - 128), 0, 255)     of grey pixels p = 0.299 R + 0.587 G + 0.114 B
///     patch = (p - mean) scale               for each channel, as `format` says
///
/// Shape (3, c.height, c.width). Public code makes whole frames grey, in 8 bits, before it resamples them: a difference
/// within the rounding. Pre: the frame is readable, the format has three channels.
inline Tensor<float, 3> changed_crop(const ImageView& frame, const Crop& c, const PixelFormat& format,
                                     const ColourChange& change) {
  Tensor<float, 3> patch = make_tensor<float, 3>({3, c.height, c.width});
  if (change == ColourChange{}) {
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
    const float factor = change.contrast * change.tint[channel] * change.brightness;
    const float added = 128 * (1 - change.contrast), mean = format.mean[channel], scale = format.scale[channel];
    if (change.blur > 0) {
      const AlignedVector<double> weights = kernels::detail::gaussian_weights(change.blur);
      for (const bool rows : {true, false}) detail::blur_along(values, c.height, c.width, rows, weights);
    }
    for (Index i = 0; i < pixels; ++i)
      values[i] = (std::clamp(factor * values[i] + added, 0.0F, 255.0F) - mean) * scale;
  }
  return patch;
}

}  // namespace pursuit::inline v0
