// SPDX-License-Identifier: MIT
#include "box_head_scene.hpp"

#include <pursuit/estimator/box_regressor.hpp>

#include <doctest/doctest.h>

#include <support/compiled_networks.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

using namespace pursuit;

namespace {

BoxRegressor::Options options() { return {.head = BoxHeadScene::thin, .published_half_pixel = false}; }

BoxRegressor learned(const BoxHeadScene& scene, const BoxRegressor::Options& o) {
  BoxRegressor regressor(Weights::random(2), o);
  regressor.init(scene.first());
  return regressor;
}

}  // namespace

TEST_CASE("BoxRegressor: answers are offsets in units of the anchor") {
  const Box anchor{10, 20, 30, 40};
  const Box box = BoxRegressor::changed(anchor, {0.1, -0.2, std::log(2.0), std::log(0.5)});
  CHECK(box.w == doctest::Approx(60));
  CHECK(box.h == doctest::Approx(20));
  CHECK(center(box).x == doctest::Approx(25 + 3));
  CHECK(center(box).y == doctest::Approx(40 - 8));
  CHECK(BoxRegressor::changed(anchor, {0, 0, 100, 0}).w == doctest::Approx(30 * 62.5));
}

TEST_CASE("BoxRegressor: the anchor is the box before at the peak") {
  BoxHeadScene scene;
  scene.values(0, 4, 7) = 0.7F;
  const BoxRegressor regressor = learned(scene, options());
  const TargetState next = regressor.estimate(scene.response(), scene.features, scene.before);
  BoxHead head = regressor.head();
  const Box anchor = to_patch(scene.crops[0], {150 + 7 * 1.5 - 28.5, 120 + 4 * 1.5 - 24.5, 58, 50});
  std::array<double, 4> at{anchor.x, anchor.y, anchor.w, anchor.h}, answer{};
  head.look(scene.features, 0);
  head.forward({at.data(), {1, 4}}, {answer.data(), {1, 4}});
  const Box expected = from_patch(scene.crops[0], BoxRegressor::changed(anchor, answer));
  CHECK(next.track.box.x == doctest::Approx(expected.x));
  CHECK(next.track.box.y == doctest::Approx(expected.y));
  CHECK(next.track.box.w == doctest::Approx(expected.w));
  CHECK(next.track.box.h == doctest::Approx(expected.h));
  CHECK(next.track.score == doctest::Approx(0.7));

  SUBCASE("the published way back shifts by half a pixel of the patch") {
    BoxRegressor::Options o = options();
    o.published_half_pixel = true;
    const Box shifted = learned(scene, o).estimate(scene.response(), scene.features, scene.before).track.box;
    CHECK(shifted.x - next.track.box.x == doctest::Approx(0.75));
    CHECK(shifted.y - next.track.box.y == doctest::Approx(0.75));
  }
  SUBCASE("of an answer that is half believed, half the way is gone") {
    BoxRegressor::Options o = options();
    o.step_position = 0.5;
    o.step_size = 0.25;
    const Box half = learned(scene, o).estimate(scene.response(), scene.features, scene.before).track.box;
    const Box begin = from_patch(scene.crops[0], anchor);
    CHECK(center(half).x - center(begin).x == doctest::Approx((center(expected).x - center(begin).x) / 2));
    CHECK(half.h / begin.h == doctest::Approx(std::pow(expected.h / begin.h, 0.25)));
  }
  SUBCASE("a second pass begins with what the first gave") {
    BoxRegressor::Options o = options();
    o.passes = 2;
    const Box second = learned(scene, o).estimate(scene.response(), scene.features, scene.before).track.box;
    CHECK(second.w != doctest::Approx(expected.w));
  }
}

TEST_CASE("BoxRegressor: a target that was not found keeps its box") {
  BoxHeadScene scene;
  const TargetState next = learned(scene, options()).estimate(scene.response(), scene.features, scene.before);
  CHECK(next.track.status == TrackStatus::lost);
  CHECK(next.track.box == scene.before.track.box);
}

TEST_CASE("BoxRegressor: boxes stay boxes, whatever the network says") {
  BoxHeadScene scene;
  scene.values(0, 4, 7) = 0.7F;
  SUBCASE("sizes have limits") {
    BoxRegressor::Options o = options();
    o.smallest = 200;
    const Box box = learned(scene, o).estimate(scene.response(), scene.features, scene.before).track.box;
    CHECK(box.w >= 200);
    CHECK(box.w <= 320);
    CHECK(box.h <= 240);
  }
  SUBCASE("features that are not numbers") {
    for (float& v : scene.coarse) v = std::numeric_limits<float>::quiet_NaN();
    const Box box = learned(scene, options()).estimate(scene.response(), scene.features, scene.before).track.box;
    CHECK(is_finite(box));
  }
}

TEST_CASE("BoxRegressor: options that are none, weights that do not fit") {
  BoxRegressor::Options o = options();
  o.passes = 0;
  CHECK_THROWS_AS(BoxRegressor(Weights::random(1), o), Error);
  o.passes = 1;
  o.step_size = 1.5;
  CHECK_THROWS_AS(BoxRegressor(Weights::random(1), o), Error);
  CHECK_THROWS_AS(BoxRegressor(Weights{}, options()), FileError);
  const auto tensors = BoxRegressor::tensors(BoxHeadScene::thin);
  CHECK(tensors.back().name.starts_with("bb_regressor."));
  CHECK(
      std::ranges::any_of(tensors, [](const TensorSpec& t) { return t.name == "bb_regressor.box_predictor.weight"; }));
}
