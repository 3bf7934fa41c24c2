// SPDX-License-Identifier: MIT
// Targets that are gone: boxes stay finite and bounded, scores in range, for as long as it takes.
#include <doctest/doctest.h>

#include <pursuit/check/rendered.hpp>
#include <pursuit/check/scenes.hpp>
#include <pursuit/core/random.hpp>

#include <support/trackers.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

using namespace pursuit;

namespace {

/// Checks the promise of every answer without a thousand assertions.
struct Watch {
  int width, height;
  double largest = 0, smallest = 1e9;
  bool sane = true;
  void see(const Track& track) {
    const Box& b = track.box;
    sane = sane && is_finite(b) && track.score >= 0 && track.score <= 1 && b.x >= -b.w && b.y >= -b.h && b.x <= width &&
           b.y <= height;
    largest = std::max({largest, b.w / width, b.h / height});
    smallest = std::min({smallest, b.w, b.h});
  }
};

}  // namespace

TEST_CASE("loss: a thousand frames of noise, then of one colour") {
  check::RenderedSequence sequence(check::moving(10, 2, 1));
  // Eight pictures of noise that follow each other in changing order.
  std::vector<Image> noise;
  Random random(3);
  for (int k = 0; k < 8; ++k) {
    noise.emplace_back(320, 240, PixelOrder::rgb);
    for (int i = 0; i < 320 * 240 * 3; ++i) noise.back().data()[i] = static_cast<std::uint8_t>(random.next());
  }
  const Image blank(320, 240, PixelOrder::rgb, 77);
  for (const std::string& name : test::trackers()) {
    CAPTURE(name);
    AnyTracker tracker = test::make(name);
    tracker.init(sequence.frame(0), sequence.box(0));
    for (int t = 1; t < 10; ++t) tracker.update(sequence.frame(t));
    Watch watch{320, 240};
    const int frames = test::frames(name, 1000);
    MESSAGE(name << ": lost for " << frames << " frames");
    for (int t = 0; t < frames; ++t) watch.see(tracker.update(noise[random.below(8)]));
    for (int t = 0; t < frames / 4; ++t) watch.see(tracker.update(blank));
    CHECK(watch.sane);
    // The scale is clamped: the box neither swallows the frame nor dwindles away.
    CHECK(watch.largest <= 2);
    CHECK(watch.smallest >= 1);
    // And it is usable again afterwards.
    tracker.init(sequence.frame(0), sequence.box(0));
    for (int t = 1; t < 4; ++t) tracker.update(sequence.frame(t));
    const double overlap = iou(tracker.update(sequence.frame(4)).box, sequence.box(4));
    if (test::follows(name)) CHECK(overlap > 0.5);
  }
}

TEST_CASE("loss: a target that leaves the view and comes back") {
  for (const std::string& name : test::trackers()) {
    CAPTURE(name);
    check::RenderedSequence sequence(check::leaving(std::max(test::frames(name, 400), 12)));
    AnyTracker tracker = test::make(name);
    tracker.init(sequence.frame(0), sequence.box(0));
    Watch watch{320, 240};
    for (int t = 1; t < sequence.size(); ++t) watch.see(tracker.update(sequence.frame(t)));
    CHECK(watch.sane);
    CHECK(watch.largest <= 2);
    CHECK(watch.smallest >= 1);
  }
}

TEST_CASE("loss: a target without any contrast, on its own and in a textured scene") {
  check::RenderedSequence sequence(check::still(1));
  Image frame(sequence.frame(0));
  for (int y = 100; y < 140; ++y) std::fill_n(frame.at(140, y), 40 * 3, std::uint8_t{128});
  for (const std::string& name : test::trackers()) {
    CAPTURE(name);
    AnyTracker tracker = test::make(name);
    for (const Box& box : {Box{140, 100, 40, 40}, Box{150, 110, 12, 12}}) {
      tracker.init(frame, box);
      Watch watch{320, 240};
      for (int t = 0; t < 5; ++t) watch.see(tracker.update(frame));
      CHECK(watch.sane);
    }
  }
}
