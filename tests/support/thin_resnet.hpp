// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/backbone/resnet.hpp>

namespace test {

/// A sixteenth of the published widths.
constexpr pursuit::ResNetShape thin(pursuit::ResNetShape shape) {
  for (int& width : shape.width) width /= 16;
  shape.stem /= 16;
  return shape;
}

}  // namespace test
