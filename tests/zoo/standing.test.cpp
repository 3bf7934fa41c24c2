// SPDX-License-Identifier: MIT
// A target that stands still keeps its box.
#include <doctest/doctest.h>

#include <pursuit/check/rendered.hpp>
#include <pursuit/check/scenes.hpp>

#include <support/trackers.hpp>

#include <algorithm>
#include <cmath>
#include <string>

using namespace pursuit;

TEST_CASE("standing: for a thousand frames with the sensor's noise") {
  check::Scene scene = check::still(1000);
  scene.noise = 2;
  check::RenderedSequence sequence(scene);
  const Box truth = sequence.box(0);
  for (const std::string& name : test::trackers()) {
    CAPTURE(name);
    if (!test::follows(name)) {
      MESSAGE("skipped: " << name << " without trained weights");
      continue;
    }
    AnyTracker tracker = test::make(name);
    tracker.init(sequence.frame(0), truth);
    const int frames = test::frames(name, 1000);
    double farthest = 0, resized = 0;
    for (int t = 1; t < frames; ++t) {
      const Box box = tracker.update(sequence.frame(t)).box;
      farthest = std::max(farthest, std::hypot(center(box).x - center(truth).x, center(box).y - center(truth).y));
      resized = std::max({resized, std::abs(box.w / truth.w - 1), std::abs(box.h / truth.h - 1)});
    }
    MESSAGE(name << ": " << frames << " frames, at most " << farthest << " pixels away, size off by at most "
                 << 100 * resized << " %");
    // A network with random weights has its peak up to half a cell away: SiamFC's are 8 pixels of a patch that shows
    // 183 pixels of this frame on 255.
    CHECK(farthest < 8 / 2 * 183 / 255.0);
    CHECK(resized < 0.05);
  }
}
