// SPDX-License-Identifier: MIT
#include <pursuit/train/dcf_pairs.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

using namespace pursuit;

namespace {

/// Two frames whose pixel (x, y) is (x, y, 100), and a target in each.
std::shared_ptr<const TrainingFrames> two_frames(const Box& first, const Box& second) {
  std::vector<Image> images(2, Image(250, 200, PixelOrder::rgb, 100));
  for (Image& image : images)
    for (int y = 0; y < 200; ++y)
      for (int x = 0; x < 250; ++x) {
        image.at(x, y)[0] = static_cast<std::uint8_t>(x);
        image.at(x, y)[1] = static_cast<std::uint8_t>(y);
      }
  TrainingFrames frames;
  frames.add("clip", std::move(images), {first, second});
  return std::make_shared<const TrainingFrames>(std::move(frames));
}

const Box first{100, 80, 40, 24}, second{110, 78, 42, 27};

}  // namespace

TEST_CASE("DcfPairs: corners of the window are at the centres of the corner pixels") {
  const DcfPairs pairs(two_frames(first, second), {}, {.shift = 0});
  Random random(1);
  const FilterPair pair = pairs.draw(random);
  REQUIRE(pair.target.shape()[1] == 125);
  // Windows of 3 x 40 by 3 x 24 pixels around (120, 92), and of 126 x 81 around (131, 91.5). No rounding of values: the
  // frame's are linear in the place.
  for (const int i : {0, 31, 62, 124}) {
    CHECK(pair.target(0, 7, i) == doctest::Approx(60 + i * 120 / 124.0).epsilon(1e-6));
    CHECK(pair.target(1, i, 7) == doctest::Approx(56 + i * 72 / 124.0).epsilon(1e-6));
    CHECK(pair.search(0, 7, i) == doctest::Approx(68 + i * 126 / 124.0).epsilon(1e-6));
    CHECK(pair.search(1, i, 7) == doctest::Approx(51 + i * 81 / 124.0).epsilon(1e-6));
  }
  CHECK(pair.displacement == Point{0, 0});
}

TEST_CASE("DcfPairs: the displacement says where the target is in the search patch") {
  for (const double flip : {0.0, 1.0}) {
    const DcfPairs pairs(two_frames(first, second), {}, {.side = 65, .padding = 2, .shift = 0.5, .flip = flip});
    Random random(2);
    double low = 100, high = -100;
    for (int i = 0; i < 200; ++i) {
      const FilterPair pair = pairs.draw(random);
      CHECK(pair.target(0, 9, 32) == doctest::Approx(120).epsilon(1e-6));
      const double x = 32 + pair.displacement.x, y = 32 + pair.displacement.y;
      const int u = static_cast<int>(std::floor(x)), v = static_cast<int>(std::floor(y));
      const double seen_x = pair.search(0, v, u) + (x - u) * (pair.search(0, v, u + 1) - pair.search(0, v, u));
      const double seen_y = pair.search(1, v, u) + (y - v) * (pair.search(1, v + 1, u) - pair.search(1, v, u));
      CHECK(seen_x == doctest::Approx(131).epsilon(1e-5));
      CHECK(seen_y == doctest::Approx(91.5).epsilon(1e-5));
      low = std::min(low, pair.displacement.y);
      high = std::max(high, pair.displacement.y);
    }
    // Half the target's height, which is half the window's 64 steps.
    CHECK(low >= -16);
    CHECK(low < -15.5);
    CHECK(high <= 16);
    CHECK(high > 15.5);
  }
}

TEST_CASE("DcfPairs: black beyond the frame, numbers as the format says") {
  const PixelFormat bgr{.order = PixelOrder::bgr, .mean = {109, 120, 119}, .scale = {1, 1, 1}};
  const DcfPairs pairs(two_frames({10, 80, 40, 24}, {12, 80, 40, 24}), bgr, {.shift = 0});
  Random random(3);
  const FilterPair pair = pairs.draw(random);
  CHECK(pair.target(0, 62, 0) == -109);
  CHECK(pair.target(2, 62, 0) == -119);
  CHECK(pair.target(0, 62, 62) == 100 - 109);
}

TEST_CASE("DcfPairs: options that are none are errors") {
  const auto frames = two_frames(first, second);
  CHECK_THROWS_WITH_AS(DcfPairs(frames, {}, {.side = 1}), doctest::Contains("patches of 1 pixels"), Error);
  CHECK_THROWS_AS(DcfPairs(frames, {}, {.padding = 0}), Error);
  CHECK_THROWS_AS(DcfPairs(frames, {}, {.shift = 4}), Error);
  CHECK_THROWS_AS(DcfPairs(frames, {.order = PixelOrder::grey}), Error);
  const DcfPairs at_the_edge(two_frames({0, 80, 40, 24}, second), {});
  Random random(4);
  CHECK_THROWS_AS((void)at_the_edge.draw(random), Error);
}
