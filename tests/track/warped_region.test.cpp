// SPDX-License-Identifier: MIT
#include <pursuit/track/warped_region.hpp>

#include <doctest/doctest.h>

#include <cmath>

using namespace pursuit;

TEST_CASE("WarpedRegion: the window's corners are sampled at the centres of the patch's corner pixels") {
  const WarpedRegion region({.patch = 101, .padding = 2});
  const Image frame(320, 240, PixelOrder::rgb);
  const TargetState state{.track = {.box = {100, 50, 40, 20}}};  // centre (120, 60)
  const Crop crop = region.search(frame, state, 1.5);            // 120 x 60 pixels
  CHECK(crop.width == 101);
  CHECK(crop.height == 101);
  CHECK(crop.x == doctest::Approx(60));
  CHECK(crop.y == doctest::Approx(30));
  CHECK(crop.x + 100 * crop.step_x == doctest::Approx(180));
  CHECK(crop.y + 100 * crop.step_y == doctest::Approx(90));
  CHECK(crop.unit_x == doctest::Approx(120 / 101.0));
  CHECK(crop.border == Border::constant);
  CHECK(crop.colour == std::array<float, 3>{});
  CHECK(region.exemplar(frame, state).step_x == doctest::Approx(80 / 100.0));
}

TEST_CASE("WarpedRegion refuses options that no patch can have") {
  for (const WarpedRegion::Options& bad :
       {WarpedRegion::Options{.patch = 0}, {.patch = 1}, {.patch = 1 << 20}, {.padding = 0}, {.padding = NAN}})
    CHECK_THROWS_WITH_AS(WarpedRegion{bad}, doctest::Contains("WarpedRegion: patch"), Error);
  CHECK_NOTHROW(WarpedRegion(WarpedRegion::Options{}));
}
