// SPDX-License-Identifier: MIT
#include "box_head_scene.hpp"

#include <pursuit/estimator/iou_net.hpp>

#include <doctest/doctest.h>

#include <support/allocations.hpp>
#include <support/compiled_networks.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace pursuit;

namespace {

IouNet::Options options() { return {.head = BoxHeadScene::thin, .seed = 4}; }

IouNet learned(const BoxHeadScene& scene, const IouNet::Options& o) {
  IouNet net(Weights::random(2), o);
  net.init(scene.first());
  return net;
}

}  // namespace

TEST_CASE("IouNet: boxes are refined around the peak") {
  BoxHeadScene scene;
  scene.values(0, 4, 7) = 0.7F;
  IouNet::Options o = options();
  o.published_half_pixel = false;
  SUBCASE("no step: the box moves to the peak") {
    o.refinement = {.jittered = 0, .steps = 1, .step_position = 0, .step_size = 0};
    const Box box = learned(scene, o).estimate(scene.response(), scene.features, scene.before).track.box;
    CHECK(box.x + (box.w - 1) / 2 == doctest::Approx(150 + 7 * 1.5));
    CHECK(box.y + (box.h - 1) / 2 == doctest::Approx(120 + 4 * 1.5));
    CHECK(box.w == doctest::Approx(58));
    CHECK(box.h == doctest::Approx(50));
  }
  SUBCASE("the published way back shifts by half a pixel of the patch") {
    const Box plain = learned(scene, o).estimate(scene.response(), scene.features, scene.before).track.box;
    o.published_half_pixel = true;
    const Box shifted = learned(scene, o).estimate(scene.response(), scene.features, scene.before).track.box;
    CHECK(shifted.x - plain.x == doctest::Approx(0.5 * 1.5));
    CHECK(shifted.y - plain.y == doctest::Approx(0.5 * 1.5));
    CHECK(shifted.w == doctest::Approx(plain.w));
  }
  SUBCASE("score and status are the response's") {
    const TargetState next = learned(scene, o).estimate(scene.response(), scene.features, scene.before);
    CHECK(next.track.score == doctest::Approx(0.7));
    CHECK(next.track.status == TrackStatus::tracking);
    CHECK(next.track.box.w != doctest::Approx(58));
  }
  SUBCASE("a target that was not found keeps its box") {
    scene.values(0, 4, 7) = 0.1F;
    const TargetState next = learned(scene, o).estimate(scene.response(), scene.features, scene.before);
    CHECK(next.track.status == TrackStatus::lost);
    CHECK(next.track.box == scene.before.track.box);
  }
  SUBCASE("no box left: the box before, at the new place") {
    o.refinement = {.jittered = 0, .largest_aspect = 1.1};
    const Box box = learned(scene, o).estimate(scene.response(), scene.features, scene.before).track.box;
    CHECK(box.w == 58);
    CHECK(box.x + (box.w - 1) / 2 == doctest::Approx(150 + 7 * 1.5));
  }
  SUBCASE("features that are not numbers") {
    for (float& v : scene.fine) v = std::numeric_limits<float>::quiet_NaN();
    const Box box = learned(scene, o).estimate(scene.response(), scene.features, scene.before).track.box;
    CHECK(is_finite(box));
  }
}

TEST_CASE("IouNet: the same seed and target give the same boxes") {
  BoxHeadScene scene;
  scene.values(0, 0, 0) = 0.7F;
  IouNet net = learned(scene, options());
  const auto next = [&](const IouNet& from) {
    return from.estimate(scene.response(), scene.features, scene.before).track.box;
  };
  const Box first = next(net), second = next(net);
  CHECK_FALSE(first == second);  // other jitter in the next frame
  const IouNet copy = net;
  CHECK(next(net) == next(copy));
  net.init(scene.first());
  CHECK(next(net) == first);
  IouNet::Options o = options();
  o.seed = 5;
  CHECK_FALSE(next(learned(scene, o)) == first);
}

TEST_CASE("IouNet: nothing is allocated for a frame") {
  BoxHeadScene scene;
  scene.values(0, 4, 7) = 0.7F;
  const IouNet net = learned(scene, options());
  const auto frame = [&](const Box& box) {
    TargetState before = scene.before;
    before.track.box = box;
    net.estimate(scene.response(), scene.features, before);
  };
  frame(scene.before.track.box);
  const test::Allocations made = test::allocations([&] {
    frame(scene.before.track.box);
    frame({100, 60, 120, 120});  // another window
    frame({140, 100, 12, 20});
    frame({0, 0, 300, 230});
  });
  CHECK(made.own == 0);
  CHECK(made.library == 0);
}

TEST_CASE("IouNet: options that are none, weights that do not fit") {
  IouNet::Options o = options();
  o.refinement.steps = 0;
  CHECK_THROWS_AS(IouNet(Weights::random(1), o), Error);
  CHECK_THROWS_AS(IouNet(Weights{}, options()), FileError);
  const auto tensors = IouNet::tensors(BoxHeadScene::thin);
  CHECK(tensors.front().name == "bb_regressor.conv3_1r.0.weight");
  CHECK(
      std::ranges::any_of(tensors, [](const TensorSpec& t) { return t.name == "bb_regressor.iou_predictor.weight"; }));
}
