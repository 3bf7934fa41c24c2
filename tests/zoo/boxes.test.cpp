// SPDX-License-Identifier: MIT
// First boxes that make no sense, and ones that do although they look strange.
#include <doctest/doctest.h>

#include <pursuit/check/rendered.hpp>
#include <pursuit/check/scenes.hpp>
#include <pursuit/core/error.hpp>

#include <support/trackers.hpp>

#include <cmath>
#include <limits>
#include <string>

using namespace pursuit;

TEST_CASE("boxes: init refuses a box that cannot be a target, and the message has it") {
  check::RenderedSequence sequence(check::still(1));  // 320 x 240
  constexpr double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  constexpr double denormal = std::numeric_limits<double>::denorm_min();
  const Box bad[] = {
      {10, 10, 0, 20},        {10, 10, 20, 0},           {0, 0, 0, 0},         {10, 10, -20, 20},
      {10, 10, 20, -20},      {nan, 10, 20, 20},         {10, nan, 20, 20},    {10, 10, nan, 20},
      {10, 10, 20, nan},      {inf, 10, 20, 20},         {10, -inf, 20, 20},   {10, 10, inf, 20},
      {10, 10, 20, inf},      {10, 10, denormal, 20},    {10, 10, 20, 1e-300}, {10, 10, 0.5, 20},
      {-20, 10, 20, 20},      {320, 10, 20, 20},         {10, 240, 20, 20},    {10, -20, 20, 20},
      {-20.5, 10, 20, 20},    {1e9, 1e9, 20, 20},        {-1e300, 0, 20, 20},  {10, 10, 1e9, 20},
      {10, 10, 1e9, 1e9},     {-5e8, -5e8, 1e9, 1e9},    {0, 0, 641, 20},      {0, 0, 20, 481},
      {100, 100, 1e308, 1e3}, {1e308, 1e308, 1e308, 20},
  };
  for (const std::string& name : test::trackers()) {
    CAPTURE(name);
    AnyTracker tracker = test::make(name);
    for (const Box& box : bad) {
      std::string message;
      try {
        tracker.init(sequence.frame(0), box);
      } catch (const Error& error) {
        message = error.what();
      }
      CAPTURE(box.x);
      CAPTURE(box.y);
      CAPTURE(box.w);
      CAPTURE(box.h);
      CHECK(message.find("init: box") != std::string::npos);
      CHECK(message.find("320x240") != std::string::npos);
    }
  }
}

TEST_CASE("boxes: strange ones are tracked, with finite boxes in sane limits") {
  check::RenderedSequence sequence(check::moving(3, 1, 1));  // 320 x 240
  const Box strange[] = {
      {100, 100, 1, 1},          // one pixel
      {0, 0, 1, 200},            // 1 : 200
      {60, 100, 200, 1},         // 200 : 1
      {-20, 100, 40, 30},        // half outside to the left
      {300, 220, 40, 40},        // half outside, lower right
      {-19.5, 100, 20, 20},      // all but half a pixel outside
      {319.75, 100, 20, 20},     // all but a quarter of a pixel outside
      {100, 100, 219.5, 139.5},  // less than a pixel short of the edge
      {0, 0, 320, 240},          // the frame
      {-0.5, -0.5, 321, 241},    // a little more than the frame
      {-100, -100, 640, 480},    // twice the frame
      {150, 100, 198, 140},      // two corners, given as corner and size
      {100.123456789, 50.5, 31.4159, 27.1828},
      {-0.0, 0, 48, 40},
  };
  for (const std::string& name : test::trackers()) {
    CAPTURE(name);
    AnyTracker tracker = test::make(name);
    for (const Box& box : strange) {
      CAPTURE(box.x);
      CAPTURE(box.w);
      tracker.init(sequence.frame(0), box);
      for (int t = 1; t < 3; ++t) {
        const Track& track = tracker.update(sequence.frame(t));
        CHECK(is_finite(track.box));
        CHECK(track.box.w >= 1);
        CHECK(track.box.w <= 640);
        CHECK(track.box.h >= 1);
        CHECK(track.box.h <= 480);
        CHECK(track.score >= 0);
        CHECK(track.score <= 1);
      }
    }
  }
}
