// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/box.hpp>

namespace pursuit::inline v0 {

/// One changed view of the first frame's target, to learn from. Applied in this order to a patch that shows more
/// than the search region: flip, rotation about the patch's centre, blur; then the central part is cut out, moved so
/// that the content appears displaced by `shift`.
struct Augmentation {
  Point shift{};                ///< pixels of the patch, whole numbers
  bool flip = false;            ///< left and right exchanged
  double rotation_degrees = 0;  ///< counter-clockwise as seen
  double blur_x = 0;            ///< standard deviation of a Gaussian in pixels of the patch; 0: none
  double blur_y = 0;
};

}  // namespace pursuit::inline v0
