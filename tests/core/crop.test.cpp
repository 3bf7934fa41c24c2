// SPDX-License-Identifier: MIT
#include <pursuit/core/crop.hpp>

#include <doctest/doctest.h>

using pursuit::Crop;

TEST_CASE("Crop: resized() to the window's own size samples its pixel centres") {
  const Crop c = pursuit::resized({10, 20, 16, 24}, 7, 5);
  CHECK(c.width == 7);
  CHECK(c.height == 5);
  CHECK(c.x == 10);
  CHECK(c.y == 20);
  CHECK(c.step_x == 1);
  CHECK(c.step_y == 1);
}

TEST_CASE("Crop: resized() keeps the middle of the window in the middle of the patch") {
  const pursuit::PixelRect window{-3, 5, 9, 30};  // 13 x 26 pixels, partly outside of the frame
  const Crop c = pursuit::resized(window, 32, 8);
  CHECK(c.window == window);
  CHECK(c.step_x == 13.0 / 32);
  CHECK(c.step_y == 26.0 / 8);
  CHECK(c.unit_x == c.step_x);
  CHECK(c.unit_y == c.step_y);
  CHECK(c.x + c.step_x * (32 - 1) / 2.0 == doctest::Approx((-3 + 9) / 2.0));
  CHECK(c.y + c.step_y * (8 - 1) / 2.0 == doctest::Approx((5 + 30) / 2.0));
}

TEST_CASE("Crop: corner_aligned() sends the window's corners to the corner pixels") {
  const Crop c = pursuit::corner_aligned({50, 40}, 30, 20, 125, 101);
  CHECK(c.x == 35);
  CHECK(c.y == 30);
  CHECK(c.x + 124 * c.step_x == doctest::Approx(65));
  CHECK(c.y + 100 * c.step_y == doctest::Approx(50));
  CHECK(c.unit_x == 30.0 / 125);
  CHECK(c.unit_y == 20.0 / 101);
}

TEST_CASE("Crop: corner_aligned() of one pixel divides by nothing") {
  const Crop c = pursuit::corner_aligned({5, 5}, 4, 4, 1, 1);
  CHECK(c.step_x == 0);
  CHECK(c.step_y == 0);
}

TEST_CASE("Crop: boxes go to the patch and back") {
  Crop c = pursuit::resized({-3, 5, 9, 30}, 32, 8);
  const pursuit::Box box{2.25, 7.5, 6.5, 3};
  const auto same = [](const pursuit::Box& a, const pursuit::Box& b) {
    CHECK(a.x == doctest::Approx(b.x));
    CHECK(a.y == doctest::Approx(b.y));
    CHECK(a.w == doctest::Approx(b.w));
    CHECK(a.h == doctest::Approx(b.h));
  };
  SUBCASE("where pixels are sampled") {
    const pursuit::Box there = pursuit::to_patch(c, {-3, 5, 13, 26});
    same(there, {0, 0, 32, 8});
    same(pursuit::from_patch(c, pursuit::to_patch(c, box)), box);
  }
  SUBCASE("as published code reckons") {
    // ATOM: centre = (pos - middle) / scale + (side - 1) / 2, corner = centre - (size - 1) / 2.
    c.middle = pursuit::Point{5, 8};
    c.unit_x = 0.5;
    c.unit_y = 3;
    const pursuit::Box there = pursuit::to_patch(c, box);
    same(there, {(5.0 - 5) / 0.5 + 31 / 2.0 - 12 / 2.0, (8.5 - 8) / 3 + 7 / 2.0 - 0, 13, 1});
    same(pursuit::from_patch(c, there), box);
  }
}

TEST_CASE("Crop: the middle is where pixels are sampled unless it is named") {
  Crop c = pursuit::resized({-3, 5, 9, 30}, 32, 8);
  CHECK(pursuit::middle_of(c).x == doctest::Approx(3));
  CHECK(pursuit::middle_of(c).y == doctest::Approx(17.5));
  c.middle = pursuit::Point{3.5, 17};
  CHECK(pursuit::middle_of(c) == pursuit::Point{3.5, 17});
}

TEST_CASE("PixelFormat: grey has one channel, colour three") {
  CHECK(pursuit::PixelFormat{.order = pursuit::PixelOrder::grey}.channels() == 1);
  CHECK(pursuit::PixelFormat{}.channels() == 3);
  CHECK(pursuit::PixelFormat{.order = pursuit::PixelOrder::bgr}.channels() == 3);
}
