// SPDX-License-Identifier: MIT
#include <pursuit/io/region.hpp>

#include <doctest/doctest.h>
#include <string>
#include <variant>

using namespace pursuit;

TEST_CASE("regions of VOT files: marks, boxes, polygons and masks") {
  CHECK(parse_region("1") == Region(VotMark::initialized));
  CHECK(parse_region("2.0000\r\n") == Region(VotMark::failed));
  CHECK(parse_region("1.5,2,30,4.25") == Region(Box{1.5, 2, 30, 4.25}));
  CHECK(parse_region("0,0,4,0,4,3") == Region(std::vector<Point>{{0, 0}, {4, 0}, {4, 3}}));
  // A 4x3 mask at (10,20): two zeros, two ones, then zeros to the pixel (1,2).
  CHECK(parse_region("m10,20,4,3,2,2,5,1") == Region(Box{11, 20, 3, 3}));
  CHECK(parse_region("mask:10,20,4,3,2,2,5,1") == Region(Box{11, 20, 3, 3}));
  CHECK(parse_region("m10,20,4,3,2,5") == Region(Box{10, 20, 4, 2}));  // over the end of a row
  CHECK(parse_region("m10,20,4,3,12") == Region(Box{10, 20, 0, 0}));
}

TEST_CASE("what is no region is empty, not a guess") {
  for (const char* text : {"", "3", "1.5", "1,2", "1,2,3", "1,2,3,4,5", "a,b,c,d", "nan,0,1,1", "1,2,3,4\n5,6,7,8",
                           "m1,2", "m0,0,0,5,1", "m0,0,4,4,-3,5", "mm1", "inf,1,1,1"})
    CHECK_MESSAGE(!parse_region(text).has_value(), text);
}

TEST_CASE("a region that is written and read is the same") {
  for (const Region& region : {Region(VotMark::unknown), Region(Box{-1.25, 2.5, 30, 4}),
                               Region(std::vector<Point>{{0, 0.5}, {4, 0}, {4, 3}, {-2, 8}})})
    CHECK(parse_region(to_text(region)) == region);
  CHECK(to_text(Region(Box{1, 2, 3, 4.00004})) == "1.0000,2.0000,3.0000,4.0000");
}
