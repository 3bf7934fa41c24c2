// SPDX-License-Identifier: MIT
#include <pursuit/kernels/cpu/square_root.hpp>

#include <cmath>
#include <vector>

#include <doctest/doctest.h>

TEST_CASE("square_roots: exact at any length and place, and nothing past the end") {
  for (std::ptrdiff_t n = 0; n < 40; ++n) {
    std::vector<float> v(50);
    for (std::size_t i = 0; i < v.size(); ++i) v[i] = static_cast<float>(i) * 1.37F;
    const auto before = v;
    pursuit::kernels::cpu::square_roots(v.data() + 3, n);
    for (std::size_t i = 0; i < v.size(); ++i)
      CHECK(v[i] == (i >= 3 && i < static_cast<std::size_t>(n) + 3 ? std::sqrt(before[i]) : before[i]));
  }
}
