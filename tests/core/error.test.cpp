// SPDX-License-Identifier: MIT
#include <pursuit/core/error.hpp>

#include <doctest/doctest.h>

#include <array>
#include <exception>

TEST_CASE("concat: writes numbers, text and shapes") {
  CHECK(pursuit::concat("x ", 3, ' ', std::array{1, 128, 6, 6}, '!') == "x 3 (1,128,6,6)!");
  CHECK(pursuit::concat(std::array<int, 1>{5}) == "(5)");
  CHECK(pursuit::concat().empty());
}

TEST_CASE("Error: one handler takes every error of the library") {
  CHECK_THROWS_AS(throw pursuit::ShapeError("s"), pursuit::Error);
  CHECK_THROWS_AS(throw pursuit::FileError("f"), pursuit::Error);
  CHECK_THROWS_WITH_AS(throw pursuit::FileError("a.pth: is empty"), "a.pth: is empty", std::exception);
}
