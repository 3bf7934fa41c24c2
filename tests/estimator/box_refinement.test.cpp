// SPDX-License-Identifier: MIT
#include <pursuit/core/random.hpp>
#include <pursuit/estimator/box_refinement.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

using namespace pursuit;

namespace {

using Numbers = std::array<double, 4>;
using Boxes = TensorView<const double, 2>;
using Values = TensorView<double, 2>;
using Space = BoxRefinement::Space;

const Box start{100, 80, 40, 60};

/// An overlap that falls with the squared distance to a box, and its gradient. Keeps the boxes it was asked for.
struct Hill {
  Numbers top{104, 78, 44, 57};
  double steepness = 1e-4;
  std::vector<std::vector<Numbers>> asked{};

  void operator()(const Boxes& boxes, const Values& overlaps, const Values& slopes) {
    auto& now = asked.emplace_back();
    for (Index r = 0; r < boxes.shape[0]; ++r) {
      overlaps(r, 0) = 1;
      now.push_back({boxes(r, 0), boxes(r, 1), boxes(r, 2), boxes(r, 3)});
      for (Index k = 0; k < 4; ++k) {
        const double d = boxes(r, k) - top[static_cast<std::size_t>(k)];
        overlaps(r, 0) -= steepness * d * d;
        slopes(r, k) = -2 * steepness * d;
      }
    }
  }
};

Box refined(const BoxRefinement::Options& options, Hill& hill) {
  BoxRefinement refinement(options);
  Random random(1);
  const auto box = refinement.refine(start, random, hill);
  REQUIRE(box.has_value());
  return *box;
}

void is(const Box& box, const Numbers& expected) {
  CHECK(box.x == doctest::Approx(expected[0]).epsilon(1e-12));
  CHECK(box.y == doctest::Approx(expected[1]).epsilon(1e-12));
  CHECK(box.w == doctest::Approx(expected[2]).epsilon(1e-12));
  CHECK(box.h == doctest::Approx(expected[3]).epsilon(1e-12));
}

}  // namespace

TEST_CASE("BoxRefinement: a step is the size times the gradient") {
  Hill hill;
  const Box box = refined({.jittered = 0, .steps = 1, .step_position = 2, .step_size = 0.5}, hill);
  is(box, {100 + 2 * 40 * 8e-4, 80 - 2 * 60 * 4e-4, 40 + 0.5 * 40 * 8e-4, 60 - 0.5 * 60 * 6e-4});
}

TEST_CASE("BoxRefinement: a step in relative space goes along centre and logarithm of size") {
  Hill hill;
  const Box box =
      refined({.jittered = 0, .steps = 1, .space = Space::relative, .step_position = 2e-2, .step_size = 0.5}, hill);
  // d/dcx = d/dx, d/dlog w = w (d/dw - d/dx / 2); centres count in widths of the first box.
  const double w = 40 * std::exp(0.5 * 40 * (8e-4 - 4e-4)), h = 60 * std::exp(0.5 * 60 * (-6e-4 + 2e-4));
  const double cx = 120 + 40 * 2e-2 * 40 * 8e-4, cy = 110 + 60 * 2e-2 * 60 * -4e-4;
  is(box, {cx - w / 2, cy - h / 2, w, h});
}

TEST_CASE("BoxRefinement: boxes climb") {
  for (const Space space : {Space::absolute, Space::relative}) {
    Hill hill;
    const Box box =
        refined({.steps = 200, .space = space, .step_position = space == Space::absolute ? 20.0 : 0.5}, hill);
    CHECK(box.x == doctest::Approx(104).epsilon(0.02));
    CHECK(box.h == doctest::Approx(57).epsilon(0.02));
    CHECK(hill.asked.size() == 200);
  }
}

TEST_CASE("BoxRefinement: others start around the first") {
  Hill hill;
  refined({.jittered = 500, .jitter_position = 0.1, .jitter_size = 0.5, .steps = 1}, hill);
  const auto& boxes = hill.asked.front();
  CHECK(boxes.size() == 501);
  CHECK(boxes[0] == Numbers{100, 80, 40, 60});
  const double side = std::sqrt(40.0 * 60);
  double furthest = 0, largest = 0;
  for (const Numbers& b : boxes) {
    furthest = std::max(furthest, std::abs(b[0] + b[2] / 2 - 120));
    largest = std::max(largest, std::abs(b[3] - 60));
    CHECK(b[2] >= 40.0 / 3);
  }
  CHECK(furthest <= 0.05 * side);
  CHECK(furthest > 0.049 * side);
  CHECK(largest <= 0.25 * side);
  CHECK(largest > 0.245 * side);
}

TEST_CASE("BoxRefinement: a move that made it worse is taken back and shortened") {
  Hill hill{.steepness = 1};  // steps of the whole gradient overshoot
  refined({.jittered = 0, .steps = 3, .step_position = 0.05, .step_size = 0, .step_decay = 0.25}, hill);
  const Numbers first = hill.asked[0][0], second = hill.asked[1][0], third = hill.asked[2][0];
  CHECK(second[0] == doctest::Approx(100 + 0.05 * 40 * 8));
  CHECK(third[0] == doctest::Approx(first[0]));
  Hill again{.steepness = 1};
  refined({.jittered = 0, .steps = 4, .step_position = 0.05, .step_size = 0, .step_decay = 0.25}, again);
  CHECK(again.asked[3][0][0] == doctest::Approx(100 + 0.25 * 0.05 * 40 * 8));
  Hill never{.steepness = 1};
  refined({.jittered = 0, .steps = 3, .step_position = 0.05, .step_size = 0}, never);
  CHECK(never.asked[2][0][0] == doctest::Approx(second[0] - 0.05 * 40 * 2 * (second[0] - 104)));
}

TEST_CASE("BoxRefinement: the mean of the best is taken, by the overlap before the last step") {
  BoxRefinement refinement({.jittered = 4, .steps = 1, .step_position = 0, .step_size = 0, .best = 2});
  Random random(1);
  std::vector<Numbers> asked;
  const auto box = refinement.refine(start, random, [&](const Boxes& boxes, const Values& overlaps, const Values&) {
    const std::array<double, 5> values{0.1, 0.9, 0.2, 0.8, 0.3};
    for (Index r = 0; r < 5; ++r) {
      overlaps(r, 0) = values[static_cast<std::size_t>(r)];
      asked.push_back({boxes(r, 0), boxes(r, 1), boxes(r, 2), boxes(r, 3)});
    }
  });
  Numbers mean{};
  for (std::size_t k = 0; k < 4; ++k) mean[k] = (asked[1][k] + asked[3][k]) / 2;
  is(*box, mean);
}

TEST_CASE("BoxRefinement: what is no box does not count") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  BoxRefinement refinement({.jittered = 2, .steps = 1, .best = 3});
  const auto with_slopes = [&](const std::array<Numbers, 3>& rows, double overlap = 0.5) {
    Random random(1);
    return refinement.refine(start, random, [&](const Boxes&, const Values& overlaps, const Values& slopes) {
      for (Index r = 0; r < 3; ++r) {
        overlaps(r, 0) = r == 0 ? overlap : 0.5;
        for (Index k = 0; k < 4; ++k) slopes(r, k) = rows[static_cast<std::size_t>(r)][static_cast<std::size_t>(k)];
      }
    });
  };
  const Numbers flat{}, broken{nan, 0, 0, 0}, endless{0, 1e308, 0, 0}, thin{0, 0, -1, 0}, wide{0, 0, 40, 0};
  SUBCASE("one is left") { is(*with_slopes({flat, broken, thin}), {100, 80, 40, 60}); }
  SUBCASE("an overlap that is none") { CHECK_FALSE(with_slopes({flat, endless, wide}, nan).has_value()); }
  SUBCASE("none is left") { CHECK_FALSE(with_slopes({broken, thin, wide}).has_value()); }
  SUBCASE("sizes are at least a pixel") {
    const auto box = with_slopes({Numbers{0, 0, -1, -1}, broken, broken});
    CHECK(box->w == 1);
    CHECK(box->h == 1);
  }
}

TEST_CASE("BoxRefinement: options that are none") {
  CHECK_THROWS_AS(BoxRefinement({.steps = 0}), Error);
  CHECK_THROWS_AS(BoxRefinement({.best = 0}), Error);
  CHECK_THROWS_AS(BoxRefinement({.step_decay = 0}), Error);
  CHECK_THROWS_AS(BoxRefinement({.largest_aspect = 1}), Error);
  CHECK_THROWS_AS(BoxRefinement({.jitter_size = std::nan("")}), Error);
}
