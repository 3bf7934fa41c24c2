// SPDX-License-Identifier: MIT
#include <pursuit/core/box.hpp>

#include <doctest/doctest.h>

#include <limits>

using pursuit::Box;

TEST_CASE("Box: area is width times height, 0 without positive size") {
  CHECK(pursuit::area({3, 4, 5, 6}) == 30);
  CHECK(pursuit::area({0, 0, 0.5, 0.5}) == 0.25);
  CHECK(pursuit::area({0, 0, 0, 6}) == 0);
  CHECK(pursuit::area({0, 0, -5, -6}) == 0);  // two wrongs make no area
  CHECK(pursuit::area({0, 0, std::numeric_limits<double>::quiet_NaN(), 2}) == 0);
}

TEST_CASE("Box: center and box_around are inverse to each other") {
  const Box b{10, 20, 7, 4};
  CHECK(pursuit::center(b) == pursuit::Point{13.5, 22});
  CHECK(pursuit::box_around(pursuit::center(b), b.w, b.h) == b);
}

TEST_CASE("Box: intersect is the common part") {
  CHECK(pursuit::intersect({0, 0, 4, 4}, {1, 2, 10, 1}) == Box{1, 2, 3, 1});
  CHECK(pursuit::intersect({0, 0, 4, 4}, {1, 1, 2, 2}) == Box{1, 1, 2, 2});  // one inside the other
  CHECK(pursuit::intersect({0, 0, 4, 4}, {4, 0, 4, 4}) == Box{});            // a common edge is no area
  CHECK(pursuit::intersect({0, 0, 4, 4}, {9, 9, 1, 1}) == Box{});
}

TEST_CASE("Box: iou is symmetric, 1 on itself, and keeps when both boxes move or grow together") {
  const Box a{0, 0, 4, 2}, b{2, 1, 4, 2};
  CHECK(pursuit::iou(a, b) == doctest::Approx(2.0 / 14.0));
  CHECK(pursuit::iou(a, b) == pursuit::iou(b, a));
  CHECK(pursuit::iou(a, a) == 1);
  CHECK(pursuit::iou(Box{8, 16, 4, 2}, Box{10, 17, 4, 2}) == pursuit::iou(a, b));
  CHECK(pursuit::iou(Box{0, 0, 8, 4}, Box{4, 2, 8, 4}) == pursuit::iou(a, b));
}

TEST_CASE("Box: iou of an empty or not finite box is 0") {
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  const Box good{0, 0, 4, 4};
  CHECK(pursuit::iou(good, {0, 0, 0, 0}) == 0);
  CHECK(pursuit::iou({}, {}) == 0);
  CHECK(pursuit::iou(good, {0, 0, -4, 4}) == 0);
  for (const Box& bad : {Box{nan, 0, 4, 4}, Box{0, nan, 4, 4}, Box{0, 0, nan, 4}, Box{0, 0, 4, inf}}) {
    CHECK_FALSE(pursuit::is_finite(bad));
    CHECK(pursuit::iou(good, bad) == 0);
  }
  CHECK(pursuit::is_finite(good));
}
