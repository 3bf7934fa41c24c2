// SPDX-License-Identifier: MIT
#include <pursuit/track/any_tracker.hpp>

#include <doctest/doctest.h>

using namespace pursuit;

namespace {

/// Steps one pixel to the right each frame.
struct Walker {
  Track answer{};
  StageTimes times{};
  void init(const ImageView&, const Box& b) { answer.box = b; }
  const Track& update(const ImageView&) {
    answer.box.x += 1;
    return answer;
  }
  const StageTimes& stages() const { return times; }
};
struct NoStages {
  void init(const ImageView&, const Box&);
  const Track& update(const ImageView&);
};
static_assert(TrackerLike<Walker>);
static_assert(!TrackerLike<NoStages>);

}  // namespace

TEST_CASE("AnyTracker copies are independent, moved-from ones say so") {
  AnyTracker one("walker", Walker{});
  CHECK(one.name() == "walker");
  one.init({}, {5, 0, 1, 1});
  AnyTracker two = one;
  two.update({});
  CHECK(two.update({}).box.x == 7);
  CHECK(one.update({}).box.x == 6);
  one = two;
  CHECK(one.update({}).box.x == 8);
  const AnyTracker three = std::move(two);
  CHECK_THROWS_WITH_AS(two.update({}), doctest::Contains("moved"), Error);  // NOLINT(bugprone-use-after-move)
  CHECK(three.name() == "walker");
  two = three;
  CHECK(two.update({}).box.x == 8);
}
