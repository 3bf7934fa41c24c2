// SPDX-License-Identifier: MIT
// If all frames are displaced by whole pixels, all boxes are displaced by as many.
#include <doctest/doctest.h>

#include <pursuit/check/rendered.hpp>
#include <pursuit/check/scenes.hpp>

#include <support/trackers.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

using namespace pursuit;

namespace {

/// Frames large enough that no search region reaches their edge, where the border rule would see the shift.
check::Scene scene(int frames) {
  check::Scene s = check::moving(frames, 1.7, -0.9, 3);
  s.width = 480;
  s.height = 400;
  const Point first = s.target.path(0).center;
  s.target.path = [=](int t) {
    return check::Pose{{first.x + 80 + 1.7 * t, first.y + 80 - 0.9 * t}, 1 + 0.004 * t, 0.3 * t};
  };
  s.noise = 2;
  return s;
}

}  // namespace

TEST_CASE("shift: every box follows the frames") {
  for (const std::string& name : test::trackers()) {
    CAPTURE(name);
    // One that goes astray must not reach the edge of the frame.
    const int frames = test::follows(name) ? std::clamp(test::frames(name, 500), 6, 40) : 2;
    check::RenderedSequence here(scene(frames));
    AnyTracker prototype = test::make(name);
    for (const auto& shift : {std::pair{1, 0}, {-7, 5}, {13, -16}}) {
      const int dx = shift.first, dy = shift.second;
      check::RenderedSequence there(check::shifted(scene(frames), dx, dy));
      AnyTracker a = prototype, b = prototype;
      a.init(here.frame(0), here.box(0));
      b.init(there.frame(0), there.box(0));
      double worst = 0, least = 1;
      for (int t = 1; t < frames; ++t) {
        const Box p = a.update(here.frame(t)).box, q = b.update(there.frame(t)).box;
        worst = std::max(
            {worst, std::abs(q.x - dx - p.x), std::abs(q.y - dy - p.y), std::abs(q.w - p.w), std::abs(q.h - p.h)});
        least = std::min(least, iou(p, here.box(t)));
      }
      MESSAGE(name << " shifted by (" << dx << ", " << dy << "): off by at most " << worst
                   << " pixels; least overlap with the truth " << least);
      // Boxes are sums of whole shifts and equal responses: rounding alone may differ.
      CHECK(worst < 1e-6);
    }
  }
}
