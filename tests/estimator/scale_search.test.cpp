// SPDX-License-Identifier: MIT
#include <pursuit/core/random.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/estimator/scale_search.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

using namespace pursuit;

namespace {

/// Three maps of 10 x 12, zero but for one value in each.
struct Maps {
  Tensor<float, 3> values = make_tensor<float, 3>(Shape<3>{3, 10, 12});
  std::vector<Crop> crops = std::vector<Crop>(3);
  ResponseMap<>::Origin origin = ResponseMap<>::Origin::corner;
  int frame_width = 400, frame_height = 300;

  Maps() {
    for (std::size_t s = 0; s < 3; ++s) crops[s].unit_x = 2.0 + double(s), crops[s].unit_y = 1.0 + double(s);
  }
  ResponseMap<> response() {
    return {.values = values,
            .crops = crops,
            .stride = 4,
            .origin = origin,
            .frame_width = frame_width,
            .frame_height = frame_height};
  }
};

const TargetState before{.track = {.box = {100, 80, 40, 20}}, .first = {0, 0, 40, 20}};

}  // namespace

TEST_CASE("the highest response says where and how large") {
  const ScaleSearch search({.scales = 3, .step = 1.1, .penalty = 0.9});
  Maps maps;
  maps.values(0, 0, 0) = 0.5F;
  maps.values(1, 0, 0) = 0.7F;
  maps.values(2, 2, 3) = 0.8F;  // 0.8 * 0.9 beats 0.7
  const TargetState next = search.estimate(maps.response(), before);
  CHECK(next.scale == 2);
  CHECK(next.track.box.w == doctest::Approx(44));
  CHECK(next.track.box.h == doctest::Approx(22));
  CHECK(center(next.track.box).x == doctest::Approx(120 + 3 * 4 * 4.0));
  CHECK(center(next.track.box).y == doctest::Approx(90 + 2 * 4 * 3.0));
  CHECK(next.track.score > 0.5);
  CHECK(next.track.status == TrackStatus::tracking);
}

TEST_CASE("a change of size must be better by the penalty") {
  const ScaleSearch search({.scales = 3, .step = 1.1, .penalty = 0.8});
  Maps maps;
  maps.values(1, 0, 0) = 0.7F;
  maps.values(2, 2, 3) = 0.8F;
  CHECK(search.estimate(maps.response(), before).track.box == before.track.box);
}

TEST_CASE("displacements beyond half the map wrap around") {
  const ScaleSearch search;
  Maps maps;
  maps.values(1, 9, 11) = 1;
  const TargetState next = search.estimate(maps.response(), before);
  CHECK(center(next.track.box).x == doctest::Approx(120 - 4 * 3.0));
  CHECK(center(next.track.box).y == doctest::Approx(90 - 4 * 2.0));
}

TEST_CASE("maps with their origin in the middle do not wrap") {
  const ScaleSearch search;
  Maps maps;
  maps.origin = ResponseMap<>::Origin::middle;
  maps.values(1, 9, 11) = 1;
  const TargetState next = search.estimate(maps.response(), before);
  CHECK(center(next.track.box).x == doctest::Approx(120 + 5.5 * 4 * 3.0));
  CHECK(center(next.track.box).y == doctest::Approx(90 + 4.5 * 4 * 2.0));
}

TEST_CASE("sizes keep their limits") {
  Maps maps;
  maps.values(2, 0, 0) = 1;
  SUBCASE("the first box") {
    const ScaleSearch search({.step = 1.5, .largest = 1.2});
    CHECK(search.estimate(maps.response(), before).track.box.w == doctest::Approx(48));
  }
  SUBCASE("the frame") {
    const ScaleSearch search({.step = 1.5});
    maps.frame_width = 50;
    maps.frame_height = 25;
    CHECK(search.estimate(maps.response(), before).track.box.w == doctest::Approx(50));
    CHECK(search.estimate(maps.response(), before).track.box.h == doctest::Approx(25));
  }
  SUBCASE("the frame's sides exchanged, as published") {
    const ScaleSearch search({.step = 1.5, .published_limits = true});
    maps.frame_width = 200;
    maps.frame_height = 50;
    CHECK(search.estimate(maps.response(), before).track.box.w == doctest::Approx(50));
  }
  SUBCASE("pixels") {
    const ScaleSearch search({.step = 1.5, .smallest_pixels = 100});
    CHECK(search.estimate(maps.response(), before).track.box.h == doctest::Approx(100));
  }
}

TEST_CASE("a flat map is no evidence") {
  const ScaleSearch search;
  Maps maps;
  const TargetState next = search.estimate(maps.response(), before);
  CHECK(next.track.status == TrackStatus::lost);
  CHECK(next.track.score == 0);
  CHECK(is_finite(next.track.box));
}

TEST_CASE("responses that are no numbers lose the target, whose box stays") {
  const ScaleSearch search({.lost_below = 0});
  Maps maps;
  for (float& v : maps.values) v = std::numeric_limits<float>::quiet_NaN();
  for (const auto origin : {ResponseMap<>::Origin::corner, ResponseMap<>::Origin::middle}) {
    maps.origin = origin;
    const TargetState next = search.estimate(maps.response(), before);
    CHECK(next.track.status == TrackStatus::lost);
    CHECK(next.track.score == 0);
    CHECK(next.track.box == before.track.box);
  }
}

TEST_CASE("the score is one half where the status turns to uncertain") {
  Maps maps;
  Random random(1);
  for (float& v : maps.values) v = static_cast<float>(random.normal());
  maps.values(1, 0, 0) = 4;
  const double ratio = kernels::peak_to_sidelobe(maps.response().values[1], {0, 0, 4.0F}, true);
  const TargetState above = ScaleSearch({.uncertain_below = ratio * 0.99}).estimate(maps.response(), before);
  const TargetState below = ScaleSearch({.uncertain_below = ratio * 1.01}).estimate(maps.response(), before);
  CHECK(above.track.status == TrackStatus::tracking);
  CHECK(below.track.status == TrackStatus::uncertain);
  CHECK(above.track.score > 0.5);
  CHECK(below.track.score < 0.5);
}

TEST_CASE("half exponents are possible") {
  const ScaleSearch search({.step = 2, .exponents = {-1.5, -0.5, 0.5}});
  const auto factors = search.scales();
  REQUIRE(factors.size() == 3);
  CHECK(factors[0] == doctest::Approx(0.353553));
  CHECK(factors[2] == doctest::Approx(1.414214));
}

TEST_CASE("scales that are no positive numbers are refused") {
  for (const ScaleSearch::Options& bad : {ScaleSearch::Options{.scales = 0},
                                          {.scales = -3},
                                          {.scales = 1 << 30},
                                          {.step = 0},
                                          {.step = -1.1},
                                          {.step = NAN},
                                          {.exponents = {0, NAN}},
                                          {.step = 2, .exponents = {1e5}},
                                          {.step = 2, .exponents = {-1e5}}})
    CHECK_THROWS_WITH_AS(ScaleSearch{bad}, doctest::Contains("ScaleLadder"), Error);
  CHECK_NOTHROW(ScaleSearch({.scales = 1}));
}

TEST_CASE("with localisation the peak itself says how sure it is") {
  const ScaleSearch search({.scales = 3, .step = 1.1, .penalty = 1, .localisation = Localisation::Options{}});
  Maps maps;
  SUBCASE("found") {
    maps.values(2, 2, 3) = 0.6F;
    maps.values(1, 2, 3) = 0.5F;
    for (Crop& crop : maps.crops) crop.middle = Point{119.5, 89.5};
    const TargetState next = search.estimate(maps.response(), before);
    CHECK(next.scale == 2);
    CHECK(next.track.score == doctest::Approx(0.6));
    CHECK(next.track.status == TrackStatus::tracking);
    CHECK(next.track.box.w == doctest::Approx(44));
    CHECK(center(next.track.box).x == doctest::Approx(120 + 3 * 4 * 4.0));
    CHECK(center(next.track.box).y == doctest::Approx(90 + 2 * 4 * 3.0));
  }
  SUBCASE("a second peak") {
    maps.values(2, 2, 3) = 0.6F;
    maps.values(2, 7, 9) = 0.58F;
    CHECK(search.estimate(maps.response(), before).track.status == TrackStatus::uncertain);
    maps.values(2, 7, 9) = 0.4F;
    CHECK(search.estimate(maps.response(), before).hard_negative);
  }
  SUBCASE("not found") {
    maps.values(2, 2, 3) = 0.2F;
    const TargetState next = search.estimate(maps.response(), before);
    CHECK(next.track.status == TrackStatus::lost);
    CHECK(next.track.box == before.track.box);
  }
}

TEST_CASE("displacements count from the place that a crop names") {
  Maps maps;
  maps.values(1, 2, 3) = 1;
  maps.crops[1].middle = Point{200, 100};
  const TargetState next = ScaleSearch().estimate(maps.response(), before);
  CHECK(center(next.track.box).x == doctest::Approx(200.5 + 3 * 4 * 3.0));
  CHECK(center(next.track.box).y == doctest::Approx(100.5 + 2 * 4 * 2.0));
}
