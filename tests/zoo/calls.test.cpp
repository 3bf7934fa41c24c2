// SPDX-License-Identifier: MIT
// Calls in every order that a program may make them in.
#include <doctest/doctest.h>

#include <pursuit/check/rendered.hpp>
#include <pursuit/check/scenes.hpp>
#include <pursuit/core/error.hpp>

#include <support/trackers.hpp>

#include <string>
#include <utility>
#include <vector>

using namespace pursuit;

namespace {

/// Boxes of frames first + 1 to last.
std::vector<Box> follow(AnyTracker& tracker, check::RenderedSequence& sequence, int first, int last) {
  std::vector<Box> boxes;
  for (int t = first + 1; t <= last; ++t) boxes.push_back(tracker.update(sequence.frame(t)).box);
  return boxes;
}

std::vector<Box> run(AnyTracker& tracker, check::RenderedSequence& sequence, int last) {
  tracker.init(sequence.frame(0), sequence.box(0));
  return follow(tracker, sequence, 0, last);
}

}  // namespace

TEST_CASE("calls: update before init is an error that says so, for any frame") {
  check::RenderedSequence sequence(check::still(1));
  for (const std::string& name : test::trackers()) {
    CAPTURE(name);
    AnyTracker tracker = test::make(name);
    CHECK_THROWS_WITH_AS(tracker.update(sequence.frame(0)), doctest::Contains("init"), Error);
    CHECK_THROWS_AS(tracker.update(ImageView{}), Error);
  }
}

TEST_CASE("calls: init starts anew, after tracking, after loss and for another size of frame") {
  check::RenderedSequence sequence(check::moving(4, 2, 1)), other(check::shaking(6, 4, 9));
  check::Scene wide = check::moving(3, -1, 2, 5);
  wide.width = 410;
  wide.height = 190;
  check::RenderedSequence elsewhere(wide);
  const Image blank(320, 240, PixelOrder::rgb, 90);
  for (const std::string& name : test::trackers()) {
    CAPTURE(name);
    AnyTracker fresh = test::make(name);
    const std::vector<Box> expected = run(fresh, sequence, 3);
    AnyTracker used = test::make(name);
    run(used, other, 5);
    CHECK(run(used, sequence, 3) == expected);
    for (int t = 0; t < 5; ++t) used.update(blank);
    CHECK(run(used, sequence, 3) == expected);
    run(used, elsewhere, 2);
    CHECK(run(used, sequence, 3) == expected);
    used.init(sequence.frame(0), sequence.box(0));
    CHECK(run(used, sequence, 3) == expected);
  }
}

TEST_CASE("calls: the same frames give the same boxes, to the bit") {
  check::RenderedSequence sequence(check::moving(5, 2, 1));
  for (const std::string& name : test::trackers()) {
    CAPTURE(name);
    AnyTracker a = test::make(name), b = test::make(name);
    CHECK(run(a, sequence, 4) == run(b, sequence, 4));
  }
}

TEST_CASE("calls: a copy goes its own way, and the first does not notice") {
  check::RenderedSequence sequence(check::moving(8, 2, 1)), other(check::shaking(8, 5, 4));
  for (const std::string& name : test::trackers()) {
    CAPTURE(name);
    AnyTracker alone = test::make(name);
    const std::vector<Box> expected = run(alone, sequence, 7);
    AnyTracker first = test::make(name);
    run(first, sequence, 3);
    AnyTracker copy = first;
    AnyTracker assigned = test::make(name);
    assigned = first;
    // The copies go on with the state they got, whichever is asked first.
    const std::vector<Box> astray = follow(copy, other, 3, 7);
    const std::vector<Box> rest(expected.begin() + 3, expected.end());
    CHECK(follow(first, sequence, 3, 7) == rest);
    CHECK(follow(assigned, sequence, 3, 7) == rest);
    CHECK(astray != rest);
  }
}

TEST_CASE("calls: a copy outlives what it was copied from") {
  check::RenderedSequence sequence(check::moving(5, 2, 1));
  for (const std::string& name : test::trackers()) {
    CAPTURE(name);
    AnyTracker alone = test::make(name);
    const std::vector<Box> expected = run(alone, sequence, 4);
    AnyTracker survivor = test::make(name);
    {
      AnyTracker first = test::make(name);
      run(first, sequence, 2);
      survivor = first;
    }
    CHECK(follow(survivor, sequence, 2, 4) == std::vector<Box>(expected.begin() + 2, expected.end()));
  }
}

TEST_CASE("calls: a moved-from tracker throws, the one it was moved to goes on") {
  check::RenderedSequence sequence(check::moving(4, 2, 1));
  for (const std::string& name : test::trackers()) {
    CAPTURE(name);
    AnyTracker alone = test::make(name);
    const std::vector<Box> expected = run(alone, sequence, 3);
    AnyTracker first = test::make(name);
    run(first, sequence, 1);
    AnyTracker second = std::move(first);
    CHECK(follow(second, sequence, 1, 3) == std::vector<Box>(expected.begin() + 1, expected.end()));
    CHECK_THROWS_AS(first.update(sequence.frame(0)), Error);  // NOLINT(bugprone-use-after-move): the point
    CHECK_THROWS_AS(first.init(sequence.frame(0), sequence.box(0)), Error);
    first = second;
    CHECK_NOTHROW(first.update(sequence.frame(3)));
  }
}

TEST_CASE("calls: an init that throws leaves the target that was there") {
  check::RenderedSequence sequence(check::moving(6, 2, 1));
  for (const std::string& name : test::trackers()) {
    CAPTURE(name);
    AnyTracker alone = test::make(name);
    const std::vector<Box> expected = run(alone, sequence, 5);
    AnyTracker tracker = test::make(name);
    run(tracker, sequence, 2);
    CHECK_THROWS_AS(tracker.init(sequence.frame(2), {10, 10, -1, 5}), Error);
    CHECK_THROWS_AS(tracker.init(ImageView{}, sequence.box(2)), Error);
    CHECK(follow(tracker, sequence, 2, 5) == std::vector<Box>(expected.begin() + 2, expected.end()));
  }
}
