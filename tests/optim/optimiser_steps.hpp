// SPDX-License-Identifier: MIT
#pragma once

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <type_traits>
#include <vector>

/// Four steps on sum_i (i + 1) p_i^2 / 2 from (1, -2, 0.5), compared with what tests/golden/optimisers.py prints.
/// Another parameter goes its own way in slot 0.
template <class T, class Optimizer>
void check_steps(Optimizer optimizer, const std::array<std::array<double, 3>, 4>& expected) {
  std::vector<T> p{T(1), T(-2), T(0.5)}, other{T(7)};
  for (std::size_t s = 0; s < 4; ++s) {
    std::vector<T> d(3), one{T(100)};
    for (std::size_t i = 0; i < 3; ++i) d[i] = static_cast<T>(i + 1) * p[i];
    optimizer.step(1, p, d);
    optimizer.step(0, other, one);
    for (std::size_t i = 0; i < 3; ++i) {
      CAPTURE(s);
      CAPTURE(i);
      CHECK(static_cast<double>(p[i]) ==
            doctest::Approx(expected[s][i]).epsilon(std::is_same_v<T, double> ? 1e-13 : 2e-6));
    }
  }
}
