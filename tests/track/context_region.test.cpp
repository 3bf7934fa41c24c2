// SPDX-License-Identifier: MIT
#include <pursuit/track/context_region.hpp>

#include <doctest/doctest.h>

#include <cmath>

using namespace pursuit;

TEST_CASE("ContextRegion cuts the published squares at whole pixels") {
  ContextRegion region;
  Image frame(640, 480, PixelOrder::rgb, 100);
  const Box box{100, 50, 40, 20};  // centre (119.5, 59.5) in pixel centres, p = 30, s_z = sqrt(70 * 50) = 59.16
  region.start(frame, box);
  const TargetState state{.track = {.box = box}};
  const Crop z = region.exemplar(frame, state);
  CHECK(z.width == 127);
  // size 59: corner = round(119.5 - 29) = round(90.5) = 90 (half to even), round(59.5 - 29) = round(30.5) = 30
  CHECK(z.window == PixelRect{90, 30, 148, 88});
  CHECK(z.unit_x == doctest::Approx(59.16079783 / 127));
  CHECK(z.step_x == doctest::Approx(59.0 / 127));
  const Crop x = region.search(frame, state, 1.0);
  CHECK(x.width == 255);
  CHECK(x.window.x1 - x.window.x0 + 1 == 119);  // 59.16 * 255 / 127 = 118.79
  CHECK(x.rounding == Rounding::u8);
}

TEST_CASE("ContextRegion fills with the mean colour of the first frame, rounded") {
  ContextRegion region;
  Image first(2, 1, PixelOrder::rgb);
  first.at(0, 0)[0] = 11, first.at(1, 0)[0] = 20;  // 15.5 -> 16 (half to even)
  first.at(0, 0)[1] = 10, first.at(1, 0)[1] = 15;  // 12.5 -> 12
  region.start(first, {0, 0, 1, 1});
  const TargetState state{.track = {.box = {0, 0, 1, 1}}};
  const Image later(2, 1, PixelOrder::rgb, 200);
  CHECK(region.search(later, state, 1.0).colour[0] == 16.0F);
  CHECK(region.search(later, state, 1.0).colour[1] == 12.0F);
  SUBCASE("also of a grey one, whose order means nothing") {
    const std::uint8_t dark = 33;
    region.start({&dark, 1, 1, 1, 1, PixelOrder::rgb}, {0, 0, 1, 1});
    const Image grey(2, 1, PixelOrder::grey, 77);
    CHECK(region.search(grey, state, 1.0).colour[0] == 33.0F);
  }
  SUBCASE("unless the camera changed its format") {
    const Image grey(2, 1, PixelOrder::grey, 77);
    CHECK(region.search(grey, state, 1.0).colour[0] == 77.0F);
  }
}

TEST_CASE("ContextRegion refuses options that no square can have") {
  for (const ContextRegion::Options& bad : {ContextRegion::Options{.exemplar = 0},
                                            {.search = 0},
                                            {.search = 1 << 20},
                                            {.exemplar = 1, .search = 255},
                                            {.context = -0.5},
                                            {.context = 1e9},
                                            {.context = NAN}})
    CHECK_THROWS_WITH_AS(ContextRegion{bad}, doctest::Contains("ContextRegion: exemplar"), Error);
  CHECK_NOTHROW(ContextRegion(ContextRegion::Options{}));
}
