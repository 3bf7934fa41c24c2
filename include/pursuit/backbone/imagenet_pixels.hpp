// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/crop.hpp>

namespace pursuit::inline v0 {

/// RGB pixels as torchvision's networks for ImageNet take them: value / 255, less the mean of each channel of that data
/// set, over its standard deviation.
inline PixelFormat imagenet_pixels() {
  const auto scale = [](double deviation) { return static_cast<float>(1 / (255 * deviation)); };
  const auto mean = [](double share) { return static_cast<float>(255 * share); };
  return {.mean = {mean(0.485), mean(0.456), mean(0.406)}, .scale = {scale(0.229), scale(0.224), scale(0.225)}};
}

}  // namespace pursuit::inline v0
