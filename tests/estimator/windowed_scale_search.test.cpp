// SPDX-License-Identifier: MIT
#include <pursuit/core/tensor.hpp>
#include <pursuit/estimator/windowed_scale_search.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

using namespace pursuit;

namespace {

struct Maps {
  Tensor<float, 3> values = make_tensor<float, 3>(Shape<3>{3, 17, 17});
  std::vector<Crop> crops = std::vector<Crop>(3);

  Maps() {
    for (Crop& c : crops) c.unit_x = 0.5, c.unit_y = 2.0;
  }
  /// A smooth hill around (row, col).
  void hill(std::size_t s, double row, double col, double height) {
    for (std::size_t i = 0; i < 17; ++i)
      for (std::size_t j = 0; j < 17; ++j) {
        const double di = double(i) - row, dj = double(j) - col;
        values(s, i, j) = static_cast<float>(height * std::exp(-(di * di + dj * dj) / 8));
      }
  }
  ResponseMap<> response() const {
    return {.values = values, .crops = crops, .stride = 8, .frame_width = 400, .frame_height = 300};
  }
};

const TargetState before{.track = {.box = {100, 80, 40, 20}}, .first = {0, 0, 40, 20}};

}  // namespace

TEST_CASE("a hill between cells is read to a sixteenth of a cell") {
  const WindowedScaleSearch search({.influence = 0});
  Maps maps;
  for (std::size_t s = 0; s < 3; ++s) maps.hill(s, 9.3, 6.6, s == 1 ? 1 : 0.5);
  const TargetState next = search.estimate(maps.response(), before);
  CHECK(next.scale == 1);
  CHECK(next.track.box.w == doctest::Approx(40));
  // One cell is 8 patch pixels; a patch pixel is 0.5 x 2 pixels of the frame. Upsampled cells are 1/16: half of one
  // off.
  CHECK(std::abs(center(next.track.box).x - (120 + (6.6 - 8) * 8 * 0.5)) <= 8 * 0.5 / 16);
  CHECK(std::abs(center(next.track.box).y - (90 + (9.3 - 8) * 8 * 2.0)) <= 8 * 2.0 / 16);
}

TEST_CASE("responses that are no numbers lose the target, whose box stays") {
  Maps maps;
  for (float& v : maps.values) v = std::numeric_limits<float>::quiet_NaN();
  const TargetState next = WindowedScaleSearch({.uncertain_below = 0}).estimate(maps.response(), before);
  CHECK(next.track.status == TrackStatus::lost);
  CHECK(next.track.score == 0);
  CHECK(next.track.box == before.track.box);
}

TEST_CASE("the window draws the answer to the middle") {
  Maps maps;
  for (std::size_t s = 0; s < 3; ++s) {
    maps.hill(s, 8, 8, 0.9);
    const auto copy = maps.values;
    maps.hill(s, 8, 1, 1.0);
    for (std::size_t k = 0; k < maps.values.size(); ++k)
      maps.values.data()[k] = std::max(maps.values.data()[k], copy.data()[k]);
  }
  const TargetState free = WindowedScaleSearch({.influence = 0}).estimate(maps.response(), before);
  const TargetState held = WindowedScaleSearch({.influence = 0.4}).estimate(maps.response(), before);
  CHECK(center(free.track.box).x < 100);
  CHECK(std::abs(center(held.track.box).x - 120) < 1);
}

TEST_CASE("the size follows the best scale by its rate, after the penalty") {
  Maps maps;
  maps.hill(0, 8, 8, 1.00);
  maps.hill(1, 8, 8, 1.00);
  maps.hill(2, 8, 8, 1.02);
  CHECK(WindowedScaleSearch().estimate(maps.response(), before).scale == 1);  // 1.02 * 0.9745 < 1
  maps.hill(2, 8, 8, 1.05);
  const TargetState next = WindowedScaleSearch().estimate(maps.response(), before);
  CHECK(next.scale == 2);
  CHECK(next.track.box.w == doctest::Approx(40 * (0.41 + 0.59 * 1.0375)));
}

TEST_CASE("a flat map keeps the box and has the score of a tie") {
  Maps maps;
  const TargetState next = WindowedScaleSearch().estimate(maps.response(), before);
  CHECK(std::abs(center(next.track.box).x - 120) <= 8 * 0.5 / 16);
  CHECK(next.track.score == doctest::Approx(0.5));
}

TEST_CASE("options that cannot be searched with are refused") {
  for (const WindowedScaleSearch::Options& bad : {WindowedScaleSearch::Options{.scales = 0},
                                                  {.step = 0},
                                                  {.influence = -0.1},
                                                  {.influence = NAN},
                                                  {.upsampling = 0},
                                                  {.upsampling = 1 << 20}})
    CHECK_THROWS_AS(WindowedScaleSearch{bad}, Error);
}
