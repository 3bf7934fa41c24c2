// SPDX-License-Identifier: MIT
#include <pursuit/data/annotation.hpp>

#include "../support/bytes.hpp"

#include <doctest/doctest.h>

using namespace pursuit;

TEST_CASE("parse_annotation: boxes, 0-based in memory whatever the file counts from") {
  const auto zero = parse_annotation("10,20,30,40\n1.5,2,3,4", "x", Origin::zero);
  const auto one = parse_annotation("11,21,30,40\r\n2.5\t3 3,4\r\n", "x", Origin::one);
  REQUIRE(zero.size() == 2);
  REQUIRE(one.size() == 2);
  for (int i = 0; i < 2; ++i) CHECK(zero[i].box == one[i].box);
  CHECK(zero[0].box == Box{10, 20, 30, 40});
  CHECK(zero[0].polygon.empty());
  CHECK(one[1].line == 2);
}

TEST_CASE("parse_annotation: frames without the target") {
  const auto lines = parse_annotation("1,2,3,4\nNaN,NaN,NaN,NaN\nnan\n5,6,0,7\n5,6,-1,7\n", "x", Origin::zero);
  REQUIRE(lines.size() == 5);
  CHECK(is_valid(lines[0].box));
  for (int i = 1; i < 5; ++i) CHECK_FALSE(is_valid(lines[i].box));
  CHECK(lines[3].box == Box{5, 6, 0, 7});  // kept as it is
}

TEST_CASE("parse_annotation: what is wrong is named with its line") {
  const auto refusal = [](const char* text) {
    return test::message_of<FileError>([&] { parse_annotation(text, "gt.txt", Origin::one); });
  };
  CHECK(refusal("1,2,3,4\n1,2,3\n") == "gt.txt:2: 3 numbers: need 4 (x,y,w,h) or the corners of a polygon (6, 8, ...)");
  CHECK(test::contains(refusal("1,2,3,4,5,6,7"), "gt.txt:1: 7 numbers"));
  CHECK(test::contains(refusal("5\n"), "gt.txt:1: 1 numbers"));
  CHECK(test::contains(refusal("1,2,3,4\n\n1,2,3,4\n"), "gt.txt:2: an empty line"));
  CHECK(test::contains(refusal("\n1,2,3,4\n"), "gt.txt:1: an empty line"));
  CHECK(test::contains(refusal("1,2,3,4\nhello\n"), "gt.txt:2: 'hello' is not a number"));
  CHECK(parse_annotation("", "gt.txt", Origin::one).empty());
}

TEST_CASE("preserve_area_box: the rule of the VOT toolkits") {
  // A square of side s, upright: its own area, one pixel more each way as the rule has it.
  const std::vector<Point> upright{{10, 20}, {18, 20}, {18, 28}, {10, 28}};
  CHECK(preserve_area_box(upright) == Box{14 - 4.5, 24 - 4.5, 9, 9});
  // The same turned by 45 degrees: hull of 8 sqrt 2, shrunk to the area of the square.
  const double r = 8 / std::sqrt(2.0);
  const std::vector<Point> turned{{14, 24 - r}, {14 + r, 24}, {14, 24 + r}, {14 - r, 24}};
  const Box box = preserve_area_box(turned);
  CHECK(box.w == doctest::Approx(9));
  CHECK(box.h == doctest::Approx(9));
  CHECK(center(box).x == doctest::Approx(14));
  CHECK(center(box).y == doctest::Approx(24));
  // The first line of the VOT sequence bag; the hull is 145.96 x 132.47.
  const std::vector<Point> bag{{334.02, 128.36}, {438.19, 188.78}, {396.39, 260.83}, {292.23, 200.41}};
  const Box b = preserve_area_box(bag);
  const double s = std::sqrt(std::hypot(104.17, 60.42) * std::hypot(41.8, 72.05) / (145.96 * 132.47));
  CHECK(b.w == doctest::Approx(s * 145.96 + 1));
  CHECK(b.h == doctest::Approx(s * 132.47 + 1));
  CHECK(b.x == doctest::Approx(365.2075 - b.w / 2));
}

TEST_CASE("preserve_area_box: corners on a line or not numbers give no target") {
  CHECK_FALSE(is_valid(preserve_area_box(std::vector<Point>{{1, 1}, {5, 1}, {9, 1}, {3, 1}})));
  CHECK_FALSE(is_valid(preserve_area_box(std::vector<Point>{{1, 1}, {5, NAN}, {9, 1}, {3, 1}})));
}

TEST_CASE("parse_annotation: polygons keep their corners") {
  const auto lines = parse_annotation("11,21,19,21,19,29,11,29\n1,1,3,1,2,3\n", "x", Origin::one);
  REQUIRE(lines[0].polygon.size() == 4);
  CHECK(lines[0].polygon[0] == Point{10, 20});
  CHECK(lines[0].box == Box{14 - 4.5, 24 - 4.5, 9, 9});
  CHECK(lines[1].polygon.size() == 3);
}
