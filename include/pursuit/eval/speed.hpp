// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/version.hpp>

#include <cstddef>
#include <span>

namespace pursuit::inline v0 {

/// Frames a second as the toolkits say it: the mean of 1 / time over the frames that have a time above 0; 0 where none
/// has. This is the mean of speeds, which is never below frames / total time.
inline double mean_speed(std::span<const double> seconds) {
  double sum = 0;
  std::size_t frames = 0;
  for (const double s : seconds)
    if (s > 0) {
      sum += 1 / s;
      ++frames;
    }
  return frames > 0 ? sum / static_cast<double>(frames) : 0;
}

}  // namespace pursuit::inline v0
