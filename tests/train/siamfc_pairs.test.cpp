// SPDX-License-Identifier: MIT
#include "../backbone/golden_input.hpp"

#include <pursuit/train/siamfc_pairs.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

using namespace pursuit;

namespace {

std::shared_ptr<const TrainingFrames> frames_of(Image image, const Box& box) {
  TrainingFrames frames;
  std::vector<Image> images;
  images.push_back(std::move(image));
  frames.add("still", std::move(images), {box});
  return std::make_shared<const TrainingFrames>(std::move(frames));
}

/// The places (dx, dy) in a patch of 247 pixels, of which every 97th value is known, where `patch` lies. Values may
/// differ by one: cv::resize counts from the first pixel of the square, and rounds its weights to 11 bits.
std::set<std::pair<int, int>> places(const Tensor<float, 3>& patch, const Tensor<float, 1>& known) {
  const int side = static_cast<int>(patch.shape()[1]);
  std::set<std::pair<int, int>> found;
  for (int dy = 0; dy + side <= 247; ++dy)
    for (int dx = 0; dx + side <= 247; ++dx) {
      bool equal = true;
      int seen = 0;
      for (int i = 0; equal && i < static_cast<int>(known.size()); ++i) {
        const int at = 97 * i, c = at / (247 * 247), y = at / 247 % 247 - dy, x = at % 247 - dx;
        if (x < 0 || y < 0 || x >= side || y >= side) continue;
        equal = std::abs(patch(c, y, x) - known(i)) <= 1;
        ++seen;
      }
      if (equal && seen > 100) found.insert({dx, dy});
    }
  return found;
}

}  // namespace

TEST_CASE("SiamFcPairs: patches are those of the public code where it resamples once") {
  struct Case {
    int height, width;
    Box box;
  };
  // As in tests/golden/training_crops.py.
  const Case cases[] = {{90, 120, {40.25, 30.5, 22, 15}}, {60, 80, {50, 5.5, 20, 24}}};
  const Weights expected = golden("training_crops.safetensors");
  for (std::uint64_t i = 0; i < std::size(cases); ++i) {
    CAPTURE(i);
    const Case& c = cases[i];
    const Tensor<float, 4> values = golden_pixels(51 + i, {1, c.height, c.width, 3});
    const std::vector<std::uint8_t> bytes(values.begin(), values.end());
    const SiamFcPairs pairs(frames_of(Image(packed_view(bytes.data(), c.width, c.height)), c.box), {},
                            {.stretch = 0, .pairs = {}});
    const auto known = expected.get<1>(concat("siamfc.", i), {(3 * 247 * 247 + 96) / 97});
    Random random(i);
    for (int repeat = 0; repeat < 5; ++repeat) {
      const SiamesePair pair = pairs.draw(random);
      // The search patch is any part of 239 pixels; of such a one the exemplar is the middle, (239 - 127) / 2 inside.
      const auto search = places(pair.search, known), exemplar = places(pair.exemplar, known);
      REQUIRE(search.size() == 1);
      REQUIRE(exemplar.size() == 1);
      CHECK(std::max(search.begin()->first, search.begin()->second) <= 8);
      CHECK(exemplar.begin()->first >= 56);
      CHECK(exemplar.begin()->second >= 56);
      CHECK(exemplar.begin()->first <= 64);
      CHECK(exemplar.begin()->second <= 64);
    }
  }
}

TEST_CASE("SiamFcPairs: patches are moved and stretched around the target") {
  Image ramp(255, 255, PixelOrder::rgb);
  for (int y = 0; y < 255; ++y)
    for (int x = 0; x < 255; ++x) {
      ramp.at(x, y)[0] = static_cast<std::uint8_t>(x);
      ramp.at(x, y)[1] = static_cast<std::uint8_t>(y);
    }
  // Squares of round((63 + 63) * 255 / 127) = 253 pixels, the first of them 1, around 127.
  const SiamFcPairs pairs(frames_of(std::move(ramp), {96, 96, 63, 63}), {});
  Random random(8);
  double low = 9, high = 0, left = 300, right = 0, moved = 0;
  const int n = 300;
  for (int i = 0; i < n; ++i) {
    const SiamesePair pair = pairs.draw(random);
    REQUIRE(pair.exemplar.shape()[2] == 127);
    REQUIRE(pair.search.shape()[1] == 239);
    const double step = (pair.search(0, 119, 219) - pair.search(0, 119, 19)) / 200.0;
    low = std::min(low, step);
    high = std::max(high, step);
    left = std::min<double>(left, pair.search(0, 119, 119));
    right = std::max<double>(right, pair.search(0, 119, 119));
    moved += (pair.search(1, 119, 119) - 127) / n;
  }
  // 255 (1 -+ 0.05) pixels, rounded. Both ends of what is measured are whole numbers.
  CHECK(low == doctest::Approx(253.0 / 268).epsilon(0.006));
  CHECK(high == doctest::Approx(253.0 / 242).epsilon(0.006));
  // Whole shifts of -4 to 4 have a deviation of 2.6, halves of the stretched side that are rounded add half a pixel.
  CHECK(std::abs(moved) < 4 * 2.6 / std::sqrt(n) + 0.5);
  CHECK(left <= 127 - 4);
  CHECK(left >= 127 - 5);
  CHECK(right >= 127 + 4);
  CHECK(right <= 127 + 5);
}

TEST_CASE("SiamFcPairs: beyond the frame there is its mean colour; pairs can be mirrored") {
  Image two(40, 40, PixelOrder::rgb, 10);
  for (int y = 0; y < 40; ++y) two.at(39, y)[2] = 250;  // blue at the right edge: mean 16
  const SiamFcPairs pairs(frames_of(two, {10, 10, 20, 20}), {}, {.pairs = {}});
  const SiamFcPairs mirrored(frames_of(two, {10, 10, 20, 20}), {}, {.flip = 1, .pairs = {}});
  Random random(3), same(3);
  const SiamesePair a = pairs.draw(random), b = mirrored.draw(same);
  CHECK(a.search(0, 2, 2) == 10);
  CHECK(a.search(2, 2, 2) == 16);
  for (int x = 0; x < 239; ++x) REQUIRE(a.search(2, 120, x) == b.search(2, 120, 238 - x));
  for (int x = 0; x < 127; ++x) REQUIRE(a.exemplar(2, 60, x) == b.exemplar(2, 60, 126 - x));
}

TEST_CASE("SiamFcPairs: options that are none are errors") {
  const auto frames = frames_of(Image(60, 60, PixelOrder::rgb), {10, 10, 22, 22});
  CHECK_THROWS_WITH_AS(SiamFcPairs(frames, {}, {.exemplar = 300}), doctest::Contains("exemplar of 300"), Error);
  CHECK_THROWS_AS(SiamFcPairs(frames, {}, {.margin = -1}), Error);
  CHECK_THROWS_AS(SiamFcPairs(frames, {}, {.stretch = 1}), Error);
  CHECK_THROWS_AS(SiamFcPairs(frames, {.order = PixelOrder::grey}), Error);
}
