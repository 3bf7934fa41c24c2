// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <pursuit/check/noise.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace pursuit;

TEST_CASE("noise: fills its range evenly") {
  const auto x = check::noise(10000, 3, 2, 5);
  CHECK(*std::min_element(x.begin(), x.end()) >= 2);
  CHECK(*std::max_element(x.begin(), x.end()) < 5);
  // The mean of n uniform numbers on [2, 5) has deviation sqrt(3/4/n) = 0.0087; four of them.
  CHECK(std::abs(std::accumulate(x.begin(), x.end(), 0.0) / 10000 - 3.5) < 0.035);
}

TEST_CASE("noise: the seed decides, on every platform") {
  CHECK(check::noise(8, 7) == check::noise(8, 7));
  CHECK(check::noise(8, 7) != check::noise(8, 8));
  // SplitMix64 of seed 7, 53 bits, worked out with whole numbers in another language.
  CHECK(check::noise(1, 7)[0] == -0x1.c341e1ba6cdf8p-3);
  CHECK(check::noise(0, 7).empty());
}
