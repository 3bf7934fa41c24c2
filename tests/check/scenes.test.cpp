// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <pursuit/check/rendered.hpp>
#include <pursuit/check/scenes.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace pursuit;
using doctest::Approx;

namespace {

double mean(const ImageView& v) {
  double sum = 0;
  for (int y = 0; y < v.height; ++y) sum += std::accumulate(v.row(y), v.row(y) + v.width * v.channels, 0.0);
  return sum / (v.width * v.height * v.channels);
}

int count_hidden(const check::RenderedSequence& sequence) {
  int hidden = 0;
  for (int t = 0; t < sequence.size(); ++t) hidden += !sequence.visible(t);
  return hidden;
}

}  // namespace

TEST_CASE("scenes: still, moving, growing and turning targets") {
  const check::RenderedSequence still(check::still(10)), moving(check::moving(11, 2.5, -1));
  CHECK(still.size() == 10);
  CHECK(still.box(9) == still.box(0));
  CHECK(moving.box(10).x - moving.box(0).x == Approx(25));
  CHECK(moving.box(10).y - moving.box(0).y == Approx(-10));
  CHECK(center(moving.box(5)) == Point{160, 120});
  const check::RenderedSequence growing(check::growing(21, 1.5)), turning(check::turning(31, 3));
  CHECK(growing.box(20).w == Approx(1.5 * growing.box(0).w));
  CHECK(center(growing.box(13)) == center(growing.box(0)));
  CHECK(turning.box(30).w == Approx(turning.box(0).h));
}

TEST_CASE("scenes: a fast target reaches the speed it was given and stays in view") {
  const check::RenderedSequence sequence(check::fast(200, 8));
  double fastest = 0;
  for (int t = 1; t < sequence.size(); ++t) {
    fastest = std::max(fastest, std::abs(sequence.box(t).x - sequence.box(t - 1).x));
    CHECK(sequence.visible_part(t) == 1);
  }
  CHECK(fastest == Approx(8).epsilon(0.01));
}

TEST_CASE("scenes: the light goes down and comes back") {
  check::RenderedSequence sequence(check::dimming(41, 0.4));
  const double before = mean(sequence.frame(0)), middle = mean(sequence.frame(20)), after = mean(sequence.frame(40));
  CHECK(middle / before == Approx(0.4).epsilon(0.05));
  CHECK(after / before == Approx(1).epsilon(0.05));
}

TEST_CASE("scenes: a bar hides the target for as many frames as were asked for") {
  const check::RenderedSequence sequence(check::occluded(80, 8));
  CHECK(std::abs(count_hidden(sequence) - 8) <= 1);
  CHECK_FALSE(sequence.visible(39));
  CHECK(sequence.visible_part(0) == 1);
  CHECK(sequence.visible_part(79) == 1);
}

TEST_CASE("scenes: a lookalike passes near the target without touching it") {
  const check::Scene scene = check::lookalike(81);
  double nearest = 1e9;
  for (int t = 0; t < scene.frames; ++t) {
    const Box target = check::hull(scene.target, scene.target.path(t));
    const Box other = check::hull(scene.lookalike, scene.lookalike.path(t));
    CHECK(iou(target, other) == 0);
    nearest = std::min(nearest, std::hypot(center(target).x - center(other).x, center(target).y - center(other).y));
  }
  CHECK(nearest < 2 * scene.target.height);
}

TEST_CASE("scenes: a lookalike stays in view beside a target that is hidden for as many frames as were asked for") {
  const check::Scene scene = check::hidden_beside_lookalike(81, 8);
  const check::RenderedSequence sequence(scene);
  CHECK(std::abs(count_hidden(sequence) - 8) <= 1);
  CHECK_FALSE(sequence.visible(40));
  for (int t = 0; t < scene.frames; ++t) {
    const Box other = check::hull(scene.lookalike, scene.lookalike.path(t));
    CHECK(iou(sequence.box(t), other) == 0);
    CHECK(iou(check::hull(scene.bar, scene.bar.path(t)), other) == 0);
    CHECK(intersect(other, {0, 0, 320, 240}) == other);
  }
}

TEST_CASE("scenes: a target leaves the view and comes back") {
  const check::RenderedSequence sequence(check::leaving(90));
  CHECK(sequence.visible_part(0) == 1);
  CHECK(sequence.visible_part(89) == 1);
  const int hidden = count_hidden(sequence);
  CHECK(hidden > 25);
  CHECK(hidden < 55);
}

TEST_CASE("scenes: a shaking camera moves the box") {
  const check::RenderedSequence sequence(check::shaking(60, 5));
  double most = 0;
  for (int t = 1; t < 60; ++t) most = std::max(most, std::abs(sequence.box(t).x - sequence.box(t - 1).x - 0.5));
  CHECK(most > 2);
  CHECK(most < 5);
}

TEST_CASE("scenes: the library's clip keeps its target in view, partly hidden at times, and varied in size") {
  const check::RenderedSequence clip(check::demo_clip());
  double smallest = 1e9, largest = 0;
  int partly = 0;
  for (int t = 0; t < clip.size(); ++t) {
    CHECK(clip.visible_part(t) > 0.5);
    partly += clip.visible_part(t) < 0.8;
    smallest = std::min(smallest, area(clip.box(t)));
    largest = std::max(largest, area(clip.box(t)));
  }
  CHECK(clip.visible_part(0) == 1);
  CHECK(partly > 10);
  CHECK(largest / smallest > 2);
}
