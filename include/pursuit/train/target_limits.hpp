// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/box.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace pursuit::inline v0 {

/// Which targets are learned from, by their size in the frame. The default takes all that are in the
/// frame, be it in part.
struct TargetLimits {
  double min_side = 0;  ///< pixels, both sides
  double max_side = std::numeric_limits<double>::infinity();
  double max_aspect = std::numeric_limits<double>::infinity();  ///< longer over shorter side
  double min_share = 0;                                         ///< of each side in the frame's
  double max_share = std::numeric_limits<double>::infinity();
  double min_root = 0;  ///< root of the share of the frame's area
  double max_root = std::numeric_limits<double>::infinity();
  /// Distance to the frame's edges, in units of the mean side; below 0 the target may leave the frame.
  double min_border = -std::numeric_limits<double>::infinity();

  /// What can be told without the frame.
  bool accept(const Box& b) const {
    const double low = std::min(b.w, b.h), high = std::max(b.w, b.h);
    return low >= min_side && high <= max_side && high <= low * max_aspect;
  }
  bool accept(const Box& b, int frame_width, int frame_height) const {
    const double x = b.w / frame_width, y = b.h / frame_height, root = std::sqrt(x * y);
    const double border = std::min({b.x, b.y, frame_width - b.x - b.w, frame_height - b.y - b.h});
    const bool inside = b.x < frame_width && b.y < frame_height && b.x + b.w > 0 && b.y + b.h > 0;
    return accept(b) && inside && std::min(x, y) >= min_share && std::max(x, y) <= max_share && root >= min_root &&
           root <= max_root && border >= min_border * (b.w + b.h) / 2;
  }
};

}  // namespace pursuit::inline v0
