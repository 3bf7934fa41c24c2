// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <pursuit/check/rendered.hpp>
#include <pursuit/check/scenes.hpp>

#include <support/allocations.hpp>
#include <support/trackers.hpp>

#include <algorithm>
#include <string>
#include <string_view>

using namespace pursuit;

// Trackers whose networks consist of kernels of ours.
constexpr std::string_view without_onednn[] = {"cacf", "dcfnet", "siamfc", "nanotrack"};

TEST_CASE("allocations: update makes none after ten frames") {
  if (!test::allocations_have_owners) {
    MESSAGE("skipped: a sanitizer's malloc does not say who asks for memory");
    return;
  }
  check::Scene scene = check::shaking(20, 3);
  scene.noise = 2;
  check::RenderedSequence sequence(scene);
  for (const std::string& name : test::trackers()) {
    CAPTURE(name);
    AnyTracker tracker = test::make(name);
    CHECK(test::allocations([&] { tracker.init(sequence.frame(0), sequence.box(0)); }).own > 0);
    for (int t = 1; t <= 10; ++t) tracker.update(sequence.frame(t));
    // oneDNN, where a network still needs it, keeps the arguments of a call in a map of its own and gives it back
    // before the call ends. What it takes does not grow.
    const bool needs_none =
        std::ranges::any_of(without_onednn, [&](std::string_view n) { return name.starts_with(n); });
    long library = 0;
    for (int t = 11; t < 20; ++t) {
      CAPTURE(t);
      const ImageView frame = sequence.frame(t);
      const test::Allocations made = test::allocations([&] { tracker.update(frame); });
      CHECK(made.own == 0);
      if (needs_none || t > 11) CHECK(made.library <= library);
      library = made.library;
    }
    if (!needs_none) MESSAGE(name << ": " << library << " blocks a frame inside of oneDNN, none elsewhere");
  }
}
