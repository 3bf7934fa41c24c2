// SPDX-License-Identifier: MIT
#include <pursuit/track/pysot_region.hpp>
#include <pursuit/track/search_region.hpp>

#include <doctest/doctest.h>

using namespace pursuit;

static_assert(SearchRegion<PysotRegion>);

TEST_CASE("PysotRegion cuts the published squares at whole pixels") {
  PysotRegion region;
  Image frame(640, 480, PixelOrder::rgb, 100);
  const Box box{100, 50, 40, 20};  // p = 30, s_z = sqrt(70 * 50) = 59.16
  region.start(frame, box);
  const TargetState first{.track = {.box = box}, .first = box};
  const Crop z = region.exemplar(frame, first);
  CHECK(z.width == 127);
  // The centre of the first frame is (119.5, 59.5): floor(119.5 - 30 + 0.5) = 90, floor(59.5 - 30 + 0.5) = 30.
  CHECK(z.window == PixelRect{90, 30, 148, 88});
  CHECK(z.unit_x == doctest::Approx(59.16079783 / 127));
  CHECK(z.step_x == doctest::Approx(59.0 / 127));
  CHECK(z.rounding == Rounding::u8);
  // s_x = 118.79: floor(119.5 - 60 + 0.5) = 60.
  const Crop x = region.search(frame, first, 1.0);
  CHECK(x.width == 255);
  CHECK(x.window == PixelRect{60, 0, 178, 118});
  CHECK(x.unit_y == doctest::Approx(59.16079783 / 127));
  // Later the centre is the middle of the box, (120.75, 60.25): 61 and 0.
  const TargetState later{.track = {.box = {100.75, 50.25, 40, 20}}, .first = box};
  CHECK(region.search(frame, later, 1.0).window == PixelRect{61, 0, 179, 118});
  CHECK(PysotRegion::center_of(first) == Point{119.5, 59.5});
  CHECK(PysotRegion::center_of(later) == Point{120.75, 60.25});
}

TEST_CASE("PysotRegion fills with the mean colour of the first frame, cut to whole numbers") {
  PysotRegion region;
  Image first(2, 1, PixelOrder::rgb);
  first.at(0, 0)[0] = 11, first.at(1, 0)[0] = 20;  // 15.5 -> 15
  region.start(first, {0, 0, 1, 1});
  const TargetState state{.track = {.box = {0, 0, 1, 1}}};
  const Image later(2, 1, PixelOrder::rgb, 200);
  CHECK(region.search(later, state, 1.0).colour[0] == 15.0F);
  SUBCASE("unless the camera changed its format") {
    const Image grey(2, 1, PixelOrder::grey, 77);
    CHECK(region.search(grey, state, 1.0).colour[0] == 77.0F);
  }
}

TEST_CASE("PysotRegion refuses options that no square can have") {
  for (const PysotRegion::Options& bad : {PysotRegion::Options{.exemplar = 0},
                                          {.search = 1 << 20},
                                          {.search_of_small = 0},
                                          {.growth = -1},
                                          {.growth = 1 << 20},
                                          {.search_most = -3},
                                          {.context = -1.0}})
    CHECK_THROWS_WITH_AS(PysotRegion{bad}, doctest::Contains("PysotRegion: "), Error);
  CHECK_NOTHROW(PysotRegion(PysotRegion::Options{}));
}
