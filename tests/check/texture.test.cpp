// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <pursuit/check/texture.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>

using namespace pursuit;

TEST_CASE("value_noise: uses the whole range, is smooth, and joins with itself at the edges") {
  const int width = 96, height = 64;
  const auto level = check::value_noise(width, height, 32, 8, 5);
  REQUIRE(level.size() == 96u * 64u);
  CHECK(*std::min_element(level.begin(), level.end()) == 0);
  CHECK(*std::max_element(level.begin(), level.end()) > 60000);
  const auto at = [&](int x, int y) { return int{level[static_cast<std::size_t>(y % height) * width + x % width]}; };
  // Octave s climbs at most 1.5 * a_s / s a pixel: with sizes 32, 16, 8 and amplitudes 36, 20, 12 this is 5.8 of 68;
  // the stretch to the whole range at most triples it here.
  int steepest = 0;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      steepest = std::max({steepest, std::abs(at(x + 1, y) - at(x, y)), std::abs(at(x, y + 1) - at(x, y))});
  CHECK(steepest < 65535 * 3 * 5.8 / 68);
  CHECK(steepest > 1000);
}

TEST_CASE("value_noise: the seed decides") {
  CHECK(check::value_noise(64, 32, 16, 2, 1) == check::value_noise(64, 32, 16, 2, 1));
  CHECK(check::value_noise(64, 32, 16, 2, 1) != check::value_noise(64, 32, 16, 2, 2));
}

TEST_CASE("ramp: passes through its stops") {
  const std::array<check::Rgb, 3> stops{{{0, 10, 20}, {100, 110, 120}, {200, 0, 255}}};
  CHECK(check::ramp(stops, 0) == stops[0]);
  CHECK(check::ramp(stops, 32768) == stops[1]);
  CHECK(check::ramp(stops, 16384) == check::Rgb{50, 60, 70});
  // Level 65535 is one step short of the last stop.
  CHECK(check::ramp(stops, 65535)[2] >= 254);
}

TEST_CASE("coloured_noise: the extra column and row repeat the first ones") {
  const std::array<check::Rgb, 2> stops{{{0, 0, 0}, {255, 128, 64}}};
  const check::Texture t = check::coloured_noise(32, 16, 16, 4, 9, stops);
  for (int y = 0; y <= 16; ++y) CHECK(std::equal(t.at(32, y), t.at(32, y) + 3, t.at(0, y % 16)));
  CHECK(std::equal(t.at(0, 16), t.at(0, 16) + t.stride(), t.at(0, 0)));
}
