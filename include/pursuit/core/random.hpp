// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/version.hpp>

#include <cmath>
#include <cstdint>
#include <string_view>

namespace pursuit::inline v0 {

/// A small random generator that gives the same numbers on every platform and compiler, which the distributions
/// of <random> do not promise. It is SplitMix64 (Steele et al. 2014): fast, 64 bits of state, not for secrets.
class Random {
 public:
  explicit Random(std::uint64_t seed = 0) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }
  /// In [0, 1), 53 bits.
  double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  /// In [low, high).
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  /// A whole number in [0, n). Pre: n > 0.
  std::uint64_t below(std::uint64_t n) { return static_cast<std::uint64_t>(uniform() * static_cast<double>(n)); }
  /// Mean 0, variance 1 (Box-Muller; the second number of each pair is thrown away, so there is no hidden state).
  double normal() {
    const double radius = std::sqrt(-2 * std::log(1 - uniform()));
    return radius * std::cos(6.283185307179586 * uniform());
  }
  /// A generator of its own for a named part, so that parts do not disturb each other's numbers.
  Random fork(std::string_view name) const {
    std::uint64_t hash = state_ ^ 0xCBF29CE484222325ULL;
    for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
    return Random(hash);
  }

 private:
  std::uint64_t state_;
};

}  // namespace pursuit::inline v0
