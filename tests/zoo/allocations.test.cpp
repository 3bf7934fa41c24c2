// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <pursuit/check/rendered.hpp>
#include <pursuit/check/scenes.hpp>

#include <support/allocations.hpp>
#include <support/trackers.hpp>

#include <string>

using namespace pursuit;

TEST_CASE("allocations: update makes none after three frames") {
  if (!test::allocations_have_owners) {
    MESSAGE("skipped: a sanitizer's malloc does not say who asks for memory");
    return;
  }
  check::Scene scene = check::shaking(14, 3);
  scene.noise = 2;
  check::RenderedSequence sequence(scene);
  for (const std::string& name : test::trackers()) {
    CAPTURE(name);
    AnyTracker tracker = test::make(name);
    CHECK(test::allocations([&] { tracker.init(sequence.frame(0), sequence.box(0)); }).own > 0);
    for (int t = 1; t <= 3; ++t) tracker.update(sequence.frame(t));
    for (int t = 4; t < 14; ++t) {  // one of them in ten is a filter's that goes on learning
      CAPTURE(t);
      const ImageView frame = sequence.frame(t);
      const test::Allocations made = test::allocations([&] { tracker.update(frame); });
      CHECK(made.own == 0);
      CHECK(made.library == 0);
    }
  }
}
