// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/random.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace pursuit::inline v0::check {

/// `n` numbers in [low, high), the same on every platform: inputs for gradient checks and property tests.
inline std::vector<double> noise(std::size_t n, std::uint64_t seed, double low = -1, double high = 1) {
  Random random(seed);
  std::vector<double> x(n);
  for (double& value : x) value = random.uniform(low, high);
  return x;
}

}  // namespace pursuit::inline v0::check
