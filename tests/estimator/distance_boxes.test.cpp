// SPDX-License-Identifier: MIT
#include <pursuit/concepts/state_estimator.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/estimator/distance_boxes.hpp>

#include <doctest/doctest.h>

#include <support/compiled_networks.hpp>
#include <support/heads.hpp>

#include <cmath>

using namespace pursuit;
using test::maps;

namespace {

// Answers with the channels of the search features, each times the exemplar's one cell.
const test::Compares answers{.correlation = {{4, 1, 1, 1}, {.groups = 4}},
                             .how = {.kind = nn::Comparison::Kind::depthwise}};

using Boxes = DistanceBoxes<test::Compares>;
static_assert(FeatureEstimator<Boxes> && ConditionedEstimator<Boxes>);

}  // namespace

TEST_CASE("DistanceBoxes: distances from a cell become a box of the frame") {
  auto z = make_tensor<float, 4>({1, 4, 1, 1}, 1.0F);
  for (const Index side : {5, 4}) {  // the middle cell of four is the third
    CAPTURE(side);
    auto x = make_tensor<float, 4>({1, 4, side, side}, std::log(5.0F));
    // Cell (3, 1): left 10, up 4, right 30, down 12 pixels of the patch.
    const float sides[] = {10, 4, 30, 12};
    for (std::size_t k = 0; k < 4; ++k) x(0, k, 3, 1) = std::log(sides[k]);
    auto scores = make_tensor<float, 3>({1, side, side}, 0.1F);
    scores(0, 3, 1) = 0.9F;
    const Crop crop{.width = 255, .height = 255, .unit_x = 0.5, .unit_y = 0.5};
    const ResponseMap<> response{
        .values = scores, .crops = {&crop, 1}, .stride = 16, .frame_width = 640, .frame_height = 480};
    const TargetState previous{.track = {.box = {300, 200, 20, 8}}, .first = {0, 0, 1, 1}};
    Boxes boxes(answers, 4, {.penalty = 0, .influence = 0, .rate = 1});
    boxes.init({.features = maps(z)});
    const TargetState next = boxes.estimate(response, maps(x), previous);
    // x = 16 (1 - 2) + (30 - 10) / 2 = -6, y = 16 (3 - 2) + (12 - 4) / 2 = 20; size 40 x 16 at half a pixel each.
    CHECK(center(next.track.box).x == doctest::Approx(310 - 3));
    CHECK(center(next.track.box).y == doctest::Approx(204 + 10));
    CHECK(next.track.box.w == doctest::Approx(20 * 0.1 + 20 * 0.9));
    CHECK(next.track.box.h == doctest::Approx(10));  // 8 is below the smallest

    // In the first frame the centre lies half a pixel to the upper left.
    TargetState first = previous;
    first.first = first.track.box;
    CHECK(center(boxes.estimate(response, maps(x), first).track.box).x == doctest::Approx(309.5 - 3));

    const TargetState moved = boxes.estimate(response, previous);
    CHECK(center(moved.track.box).x == doctest::Approx(310 - 8));
    CHECK(center(moved.track.box).y == doctest::Approx(204 + 8));
    CHECK(moved.track.box.w == doctest::Approx(20));
  }
}

TEST_CASE("DistanceBoxes: a response of another size than the answer is refused") {
  auto z = make_tensor<float, 4>({1, 4, 1, 1}, 1.0F), x = make_tensor<float, 4>({1, 4, 5, 5});
  auto scores = make_tensor<float, 3>({1, 4, 5});
  const Crop crop{.width = 255, .height = 255};
  Boxes boxes(answers, 4);
  boxes.init({.features = maps(z)});
  CHECK_THROWS_AS(boxes.estimate({.values = scores, .crops = {&crop, 1}}, maps(x), {}), ShapeError);
}
