// SPDX-License-Identifier: MIT
#include <pursuit/eval/polygon.hpp>
#include <pursuit/eval/raster_overlap.hpp>

#include <doctest/doctest.h>
#include <cmath>
#include <vector>

using namespace pursuit;

TEST_CASE("polygon_iou agrees with the boxes' own IoU, whichever way the corners go") {
  const Box a{0, 0, 10, 4}, b{5, 1, 10, 8};
  auto reversed = corners_of(b);
  std::reverse(reversed.begin(), reversed.end());
  CHECK(polygon_iou(corners_of(a), corners_of(b)) == doctest::Approx(iou(a, b)).epsilon(1e-12));
  CHECK(polygon_iou(corners_of(a), reversed) == doctest::Approx(iou(a, b)).epsilon(1e-12));
  CHECK(polygon_iou(corners_of(a), corners_of({20, 0, 3, 3})) == 0);
}

TEST_CASE("polygon_iou: a square and the same turned by 45 degrees") {
  // The common part of two unit squares turned by 45 degrees is an octagon of area 2 (sqrt 2 - 1).
  const double r = std::sqrt(0.5), common = 2 * (std::sqrt(2.0) - 1);
  const std::vector<Point> turned{{r, 0}, {0, r}, {-r, 0}, {0, -r}};
  CHECK(polygon_iou(corners_of({-0.5, -0.5, 1, 1}), turned) == doctest::Approx(common / (2 - common)).epsilon(1e-12));
}

TEST_CASE("polygon_iou: a part that is cut off at the frame's edge") {
  const auto inside = intersect_convex(corners_of({-5, -5, 10, 10}), corners_of({0, 0, 100, 100}));
  CHECK(std::abs(signed_area(inside)) == doctest::Approx(25).epsilon(1e-12));
}

TEST_CASE("raster_overlap: boxes of whole pixels, cut at the frame") {
  CHECK(raster_overlap(Box{2, 2, 4, 2}, Box{2, 2, 2, 2}, 20, 20) == 0.5);
  CHECK(raster_overlap(Box{-2, 0, 4, 10}, Box{0, 0, 2, 10}, 20, 20) == 1);
  CHECK(raster_overlap(Box{30, 0, 4, 10}, Box{30, 0, 4, 10}, 20, 20) == 0);
  CHECK(raster_overlap(VotMark::failed, Box{0, 0, 2, 10}, 20, 20) == 0);
  CHECK(raster_overlap(Box{1e30, 0, 1e30, 5}, Box{0, 0, 4, 10}, 20, 20) == 0);
}
