// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <pursuit/check/scene.hpp>

using namespace pursuit;
using doctest::Approx;

TEST_CASE("hull: an upright actor has its own size around its centre") {
  const check::Actor actor{.width = 30, .height = 20, .corner = 4};
  CHECK(check::hull(actor, {{100, 50}, 2, 0}) == Box{70, 30, 60, 40});
}

TEST_CASE("hull: a quarter turn swaps the sides") {
  const Box box = check::hull({.width = 30, .height = 20, .corner = 0}, {{0, 0}, 1, 90});
  CHECK(box.w == Approx(20));
  CHECK(box.h == Approx(30));
}

TEST_CASE("hull: a disc does not care how it is turned") {
  const check::Actor disc{.width = 24, .height = 24, .corner = 12};
  const Box box = check::hull(disc, {{0, 0}, 1, 33});
  CHECK(box.w == Approx(24));
  CHECK(box.h == Approx(24));
}

TEST_CASE("hull: a square on its corner is a diagonal wide") {
  CHECK(check::hull({.width = 10, .height = 10, .corner = 0}, {{0, 0}, 1, 45}).w == Approx(14.142135623730951));
}

TEST_CASE("straight and swinging paths") {
  CHECK(check::straight({10, 20}, {1.5, -2})(4).center == Point{16, 12});
  const auto swing = check::swinging({10, 20}, {4, 6}, {8, 16});
  CHECK(swing(0).center == Point{10, 20});
  CHECK(swing(2).center.x == Approx(14));
  CHECK(swing(4).center.y == Approx(26));
}
