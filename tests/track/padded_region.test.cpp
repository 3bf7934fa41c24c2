// SPDX-License-Identifier: MIT
#include <pursuit/track/padded_region.hpp>

#include <doctest/doctest.h>

#include <cmath>

using namespace pursuit;

TEST_CASE("PaddedRegion's patch has whole cells and keeps its size when the target changes") {
  PaddedRegion region({.padding = 3, .target_area = 2500, .cell = 4});
  const Image frame(640, 480, PixelOrder::rgb);
  for (const Box& box : {Box{100, 100, 50, 50}, Box{100, 100, 30, 90}, Box{100, 100, 400, 300}, Box{5, 5, 7, 3}}) {
    region.start(frame, box);
    TargetState state{.track = {.box = box}};
    const Crop crop = region.exemplar(frame, state);
    CHECK(crop.width % 4 == 0);
    CHECK(crop.height % 4 == 0);
    state.track.box.w *= 1.7;
    const Crop wider = region.search(frame, state, 1.02);
    CHECK(wider.width == crop.width);
    CHECK(wider.height == crop.height);
    CHECK(wider.step_x == doctest::Approx(crop.step_x * 1.7 * 1.02));
  }
}

TEST_CASE("PaddedRegion puts the target's centre on the patch's centre") {
  PaddedRegion region({.padding = 2.5});
  const Box box{20.25, 31.5, 33, 47};
  region.start(Image(100, 100, PixelOrder::grey), box);
  const TargetState state{.track = {.box = box}};
  const Crop crop = region.search(Image(100, 100, PixelOrder::grey), state, 1.3);
  const Box in_patch = to_patch(crop, box);
  CHECK(center(in_patch).x == doctest::Approx(crop.width / 2.0));
  CHECK(center(in_patch).y == doctest::Approx(crop.height / 2.0));
  CHECK(in_patch.w * 2.5 * 1.3 == doctest::Approx(crop.width));
}

TEST_CASE("PaddedRegion bounds the patch for extreme targets") {
  PaddedRegion region({.cell = 4, .min_cells = 8, .max_cells = 50});
  const Image frame(1000, 1000, PixelOrder::grey);
  for (const Box& box : {Box{0, 0, 1, 200}, Box{0, 0, 1, 1}, Box{0, 0, 2000, 1}}) {
    region.start(frame, box);
    const TargetState state{.track = {.box = box}};
    const Crop crop = region.exemplar(frame, state);
    CHECK(crop.width >= 8 * 4);
    CHECK(crop.height >= 8 * 4);
    CHECK(crop.width <= 56 * 4);  // good_size may round 50 up
    CHECK(crop.height <= 56 * 4);
  }
}

TEST_CASE("PaddedRegion refuses options that no patch can have") {
  for (const PaddedRegion::Options& bad : {PaddedRegion::Options{.padding = 0},
                                           {.padding = NAN},
                                           {.target_area = -1},
                                           {.cell = 0},
                                           {.min_cells = 0},
                                           {.min_cells = 10, .max_cells = 9},
                                           {.max_cells = 1 << 20},
                                           {.max_upsampling = 0}})
    CHECK_THROWS_WITH_AS(PaddedRegion{bad}, doctest::Contains("PaddedRegion: padding"), Error);
  CHECK_NOTHROW(PaddedRegion(PaddedRegion::Options{}));
}
