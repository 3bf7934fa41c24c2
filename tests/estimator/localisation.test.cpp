// SPDX-License-Identifier: MIT
#include <pursuit/core/tensor.hpp>
#include <pursuit/estimator/localisation.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

using namespace pursuit;

namespace {

using State = Localisation::State;

/// Maps of 24 x 20 cells of 2 pixels, zero but for what a test puts there.
struct Maps {
  explicit Maps(bool wraps = true, Index count = 1)
      : values(make_tensor<float, 3>({count, 24, 20})), crops(static_cast<std::size_t>(count)) {
    for (Crop& crop : crops) {
      crop = {.width = 40, .height = 48};
      crop.unit_x = 2.5;
      crop.unit_y = 3;
      crop.middle = Point{100, 80};
    }
    origin = wraps ? ResponseMap<>::Origin::corner : ResponseMap<>::Origin::middle;
  }
  /// The cell that is so many rows and columns from no displacement.
  float& at(int row, int col, int map = 0) {
    const bool wraps = origin == ResponseMap<>::Origin::corner;
    return values(map, wraps ? (row + 24) % 24 : row + 12, wraps ? (col + 20) % 20 : col + 10);
  }
  ResponseMap<> response() const {
    return {.values = values, .crops = crops, .stride = 2, .origin = origin, .frame_width = 320, .frame_height = 240};
  }

  Tensor<float, 3> values;
  std::vector<Crop> crops;
  ResponseMap<>::Origin origin;
};

const TargetState before{.track = {.box = {95.5, 74, 10, 13}}, .first = {0, 0, 10, 13}, .hard_negative = true};

// Cells around a peak that belong to it: 2.2 x 10 / (2.5 x 2) = 4.4 columns and 2.2 x 13 / (3 x 2) = 4.77 rows, so
// two to each side. D = 0.8 sqrt(24 x 20) / 2 = 8.76 cells.

}  // namespace

TEST_CASE("Localisation: the states of the published tracker") {
  const Localisation localisation;
  for (const bool wraps : {true, false}) {
    CAPTURE(wraps);
    Maps maps(wraps);
    const auto find = [&] { return localisation.find(maps.response(), before.track.box); };
    // A map that does not wrap has its middle between cells.
    const double half = wraps ? 0 : 0.5;
    const auto is_at = [&](const Localisation::Answer& answer, int row, int col) {
      CHECK(answer.displacement.y == doctest::Approx(2 * (row + half)));
      CHECK(answer.displacement.x == doctest::Approx(2 * (col + half)));
    };
    SUBCASE("a single peak") {
      maps.at(-3, 4) = 0.6F;
      const auto answer = find();
      CHECK(answer.state == State::normal);
      CHECK(answer.peak == doctest::Approx(0.6));
      CHECK(answer.second == 0);
      is_at(answer, -3, 4);
    }
    SUBCASE("too low a peak") {
      maps.at(-3, 4) = 0.2F;
      CHECK(find().state == State::not_found);
    }
    SUBCASE("what is near the peak belongs to it") {
      maps.at(-3, 4) = 0.6F;
      maps.at(-5, 6) = maps.at(-1, 2) = 0.59F;
      CHECK(find().state == State::normal);
      maps.at(-6, 4) = 0.58F;
      CHECK(find().second == doctest::Approx(0.58));
      maps.at(-6, 4) = 0;
      maps.at(-3, 7) = 0.57F;
      CHECK(find().second == doctest::Approx(0.57));
      maps.at(-3, 7) = 0;
      maps.at(-3, 1) = 0.56F;
      CHECK(find().second == doctest::Approx(0.56));
    }
    SUBCASE("a distractor far off") {
      maps.at(1, 1) = 0.6F;
      maps.at(-10, 3) = 0.5F;
      const auto answer = find();
      CHECK(answer.state == State::hard_negative);
      is_at(answer, 1, 1);
    }
    SUBCASE("a peak far off, and nearly as high a one near by") {
      maps.at(1, 1) = 0.5F;
      maps.at(-10, 3) = 0.6F;
      const auto answer = find();
      CHECK(answer.state == State::hard_negative);
      is_at(answer, 1, 1);
      CHECK(answer.peak == doctest::Approx(0.6));
    }
    SUBCASE("two near by, two far off") {
      maps.at(1, 1) = 0.6F;
      maps.at(1, 7) = 0.5F;
      CHECK(find().state == State::uncertain);
      maps.at(1, 1) = maps.at(1, 7) = 0;
      maps.at(10, 3) = 0.6F;
      maps.at(-10, 3) = 0.5F;
      const auto answer = find();
      CHECK(answer.state == State::uncertain);
      is_at(answer, 10, 3);
    }
    SUBCASE("half as high a peak") {
      maps.at(1, 1) = 0.6F;
      maps.at(1, -6) = 0.31F;
      const auto answer = find();
      CHECK(answer.state == State::hard_negative);
      is_at(answer, 1, 1);
      maps.at(1, -6) = 0.29F;
      CHECK(find().state == State::normal);
      maps.at(1, 1) = 0.4F;
      maps.at(1, -6) = 0.24F;  // not itself a find
      CHECK(find().state == State::normal);
    }
  }
}

TEST_CASE("Localisation: a window at the rim of a map that wraps does not wrap") {
  Maps maps;
  maps.at(0, 9) = 0.6F;  // the last column
  maps.at(0, -10) = 0.5F;
  CHECK(Localisation().find(maps.response(), before.track.box).second == doctest::Approx(0.5));
}

TEST_CASE("Localisation: below zero the blanked window is the second peak") {
  Maps maps;
  for (float& v : maps.values) v = -0.5F;
  maps.at(2, 3) = -0.25F;
  const Localisation localisation({.not_found_below = -1, .distractor = 100, .hard_negative = 0.3});
  const auto answer = localisation.find(maps.response(), before.track.box);
  CHECK(answer.peak == doctest::Approx(-0.25));
  CHECK(answer.second == 0);
  CHECK(localisation.locate(maps.response(), before).track.score == 0);
}

TEST_CASE("Localisation: the state of the target") {
  const Localisation localisation;
  Maps maps(true, 2);
  maps.crops[1].unit_x = 4;
  SUBCASE("found: the box moves from the middle of the crop") {
    maps.at(-3, 4, 1) = 0.6F;
    const TargetState next = localisation.locate(maps.response(), before);
    CHECK(next.scale == 1);
    CHECK(next.track.status == TrackStatus::tracking);
    CHECK(next.track.score == doctest::Approx(0.6));
    CHECK_FALSE(next.hard_negative);
    CHECK(next.track.box.x + (10 - 1) / 2.0 == doctest::Approx(100 + 4 * 2 * 4));
    CHECK(next.track.box.y + (13 - 1) / 2.0 == doctest::Approx(80 - 3 * 2 * 3));
    CHECK(next.track.box.w == 10);
  }
  SUBCASE("not found: it stays") {
    const TargetState next = localisation.locate(maps.response(), before);
    CHECK(next.track.status == TrackStatus::lost);
    CHECK(next.track.box == before.track.box);
    CHECK_FALSE(next.hard_negative);
  }
  SUBCASE("a score is at most 1") {
    maps.at(0, 0) = 3;
    CHECK(localisation.locate(maps.response(), before).track.score == 1);
  }
  SUBCASE("a distractor is handed on, doubt too") {
    maps.at(1, 1) = 0.6F;
    maps.at(1, -6) = 0.31F;
    CHECK(localisation.locate(maps.response(), before).hard_negative);
    maps.at(1, -6) = 0.59F;
    const TargetState next = localisation.locate(maps.response(), before);
    CHECK_FALSE(next.hard_negative);
    CHECK(next.track.status == TrackStatus::uncertain);
  }
  SUBCASE("the centre stays near the frame") {
    for (Crop& crop : maps.crops) crop.middle = Point{310, 2};
    maps.at(-10, 9) = 1;
    const Box box = localisation.locate(maps.response(), before).track.box;
    CHECK(box.x + (10 - 1) / 2.0 == doctest::Approx(320 + 0.3 * 10));
    CHECK(box.y + (13 - 1) / 2.0 == doctest::Approx(-0.3 * 13));
  }
}

TEST_CASE("Localisation: maps without numbers find nothing") {
  Maps maps;
  const float nan = std::numeric_limits<float>::quiet_NaN();
  maps.at(2, 2) = nan;
  maps.at(3, 3) = 0.5F;
  CHECK(Localisation().find(maps.response(), before.track.box).peak == doctest::Approx(0.5));
  for (float& v : maps.values) v = nan;
  const TargetState next = Localisation().locate(maps.response(), before);
  CHECK(next.track.status == TrackStatus::lost);
  CHECK(next.track.score == 0);
  CHECK(is_finite(next.track.box));
  CHECK(Localisation({.not_found_below = -1}).locate(maps.response(), before).track.status == TrackStatus::lost);
}

TEST_CASE("Localisation: options that are none") {
  CHECK_THROWS_AS(Localisation({.neighbourhood = -1}), Error);
  CHECK_THROWS_AS(Localisation({.distractor = std::nan("")}), Error);
}
