// SPDX-License-Identifier: MIT
#pragma once

#include <support/weight_files.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

/// A tensor of tests/golden/losses.safetensors, in double as it is there.
inline std::vector<double> golden_loss(const std::string& name) {
  return load_doubles(PURSUIT_SOURCE_DIR "/tests/golden/losses.safetensors", name);
}

/// The largest difference, as a share of the largest expected number.
template <class Range>
double golden_difference(const Range& came, const std::string& name) {
  const std::vector<double> expected = golden_loss(name);
  double largest = 0, difference = came.size() == expected.size() ? 0 : 1e9;
  for (std::size_t i = 0; i < came.size() && i < expected.size(); ++i) {
    difference = std::max(difference, std::abs(static_cast<double>(came[i]) - expected[i]));
    largest = std::max(largest, std::abs(expected[i]));
  }
  return difference / largest;
}

/// What agreement with automatic differentiation in double means for T.
template <class T>
constexpr double golden_tolerance = sizeof(T) == 8 ? 1e-12 : 1e-5;
