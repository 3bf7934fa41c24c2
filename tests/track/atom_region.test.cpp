// SPDX-License-Identifier: MIT
#include "../backbone/golden_input.hpp"

#include <pursuit/kernels/crop.hpp>
#include <pursuit/track/atom_region.hpp>
#include <pursuit/track/search_region.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

using namespace pursuit;

static_assert(SearchRegion<AtomRegion>);

namespace {

struct Case {
  int height, width;
  Box box;
  int every;
};

// As in tests/golden/atom_region.py.
const Case cases[] = {{60, 80, {30.25, 20.5, 9, 7}, 1},
                      {60, 81, {-4, -3.25, 15, 22}, 1},
                      {150, 170, {50, 40.5, 33, 30}, 2},
                      {203, 301, {250.75, 150.5, 61, 47}, 4},
                      {60, 80, {-11.5, 20, 16, 17}, 1}};

/// The largest difference between every 11th value of a crop and the expected ones.
double difference(const ImageView& frame, const Crop& crop, const Tensor<float, 1>& expected) {
  auto patch = make_tensor<float, 3>({3, crop.height, crop.width});
  kernels::crop(frame, crop, {}, patch);
  double worst = 0;
  for (std::size_t i = 0; i < expected.size(); ++i)
    worst = std::max<double>(worst, std::abs(patch.data()[11 * i] - expected(i)));
  return worst;
}

}  // namespace

TEST_CASE("AtomRegion: patches are those of the public code") {
  const Weights expected = golden("atom_region.safetensors");
  const AtomRegion region({.patch = 64});
  REQUIRE(region.patch() == 64 + 16 - (64 + 16) % 32);
  for (std::uint64_t i = 0; i < std::size(cases); ++i) {
    CAPTURE(i);
    const Case& c = cases[i];
    const Tensor<float, 4> values = golden_pixels(31 + i, {1, c.height, c.width, 3});
    std::vector<std::uint8_t> bytes(values.begin(), values.end());
    const ImageView frame = packed_view(bytes.data(), c.width, c.height, PixelOrder::rgb);
    const TargetState state{.track = {.box = c.box}, .first = c.box};
    const Shape<1> shape{(3 * 64 * 64 + 10) / 11};
    const Crop search = region.search(frame, state, 1.0);
    CHECK(search.every == c.every);
    // Values reach 255; the public code computes places in float.
    CHECK(difference(frame, search, expected.get<1>(concat(i, ".search"), shape)) < 2e-3);
    CHECK(difference(frame, region.exemplar(frame, state), expected.get<1>(concat(i, ".exemplar"), shape)) < 2e-3);
  }
}

TEST_CASE("AtomRegion: places are reckoned from the rounded centre") {
  const AtomRegion region;
  const Image frame(640, 480, PixelOrder::rgb, 100);
  const Box box{100, 50, 43, 20};
  const TargetState state{.track = {.box = box}, .first = box};
  const Crop crop = region.search(frame, state, 1.0);
  const double scale = std::sqrt(43.0 * 20) * 5 / 288;
  CHECK(crop.width == 288);
  CHECK(crop.unit_x == doctest::Approx(scale));
  // pos = (121, 59.5): 60 by rounding to even, 59 by truncation.
  REQUIRE(crop.middle.has_value());
  CHECK(*crop.middle == Point{121, 60});
  CHECK((crop.window.y0 + crop.window.y1) / 2 == 59);
  const Box there = to_patch(crop, box);
  CHECK(there.w == doctest::Approx(43 / scale));
  CHECK(there.y + there.h / 2 == doctest::Approx(144 - 0.5 / scale));
}

TEST_CASE("AtomRegion: the exemplar is the middle of what views of it are cut from") {
  const AtomRegion region;
  const Image frame(640, 480, PixelOrder::rgb, 100);
  const Box box{100, 50, 43.5, 20.25};
  const TargetState state{.track = {.box = box}, .first = box};
  const Crop crop = region.exemplar(frame, state), large = expanded(crop, 2);
  // round(2 scale 288) = round(2 * 5 * sqrt(43.5 * 20.25)) = 297 pixels.
  CHECK(large.step_x == doctest::Approx(297 / 576.0));
  CHECK(large.x + large.step_x * 144 == doctest::Approx(crop.x));
}

TEST_CASE("AtomRegion: patches hold an even number of cells, or an odd one") {
  for (const int patch : {224, 288, 320}) {
    CHECK(AtomRegion({.patch = patch}).patch() == patch);
    CHECK(AtomRegion({.patch = patch, .odd = true}).patch() == patch + 16);
  }
  CHECK(AtomRegion({.patch = 250}).patch() == 256);
  CHECK_THROWS_AS(AtomRegion({.patch = 8}), Error);
  CHECK(AtomRegion({.patch = 64, .cell = 64}).patch() == 128);
  CHECK_THROWS_AS(AtomRegion({.patch = 64, .cell = 65}), Error);  // an even number of such cells would be none
  CHECK_THROWS_AS(AtomRegion({.padding = 0}), Error);
  CHECK_THROWS_AS(AtomRegion({.padding = std::nan("")}), Error);
  CHECK_THROWS_AS(AtomRegion({.padding = 1e5}), Error);  // windows would leave the whole numbers
}
