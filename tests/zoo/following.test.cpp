// SPDX-License-Identifier: MIT
// Rendered targets whose true boxes are known: what each tracker must be able to follow.
#include <doctest/doctest.h>

#include <pursuit/check/rendered.hpp>
#include <pursuit/check/scenes.hpp>

#include <support/trackers.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

using namespace pursuit;

namespace {

double mean_iou(const std::string& name, const check::Scene& scene) {
  check::RenderedSequence sequence(scene);
  AnyTracker tracker = test::make(name);
  tracker.init(sequence.frame(0), sequence.box(0));
  double sum = 0;
  for (int t = 1; t < sequence.size(); ++t) sum += iou(tracker.update(sequence.frame(t)).box, sequence.box(t));
  return sum / (sequence.size() - 1);
}

}  // namespace

TEST_CASE("following") {
  for (const std::string& name : test::trackers()) {
    if (!test::follows(name)) {
      MESSAGE("skipped: " << name << " without trained weights");
      continue;
    }
    const int frames = std::clamp(test::frames(name, 400), 8, 60);
    const std::pair<std::string, check::Scene> scenes[] = {
        {"moving", check::moving(frames, 3, -2)}, {"growing", check::growing(frames, std::pow(1.01, frames))},
        {"turning", check::turning(frames, 0.5)}, {"dimming", check::dimming(frames, 0.5)},
        {"shaking", check::shaking(frames, 4)},   {"lookalike", check::lookalike(frames)},
    };
    for (const auto& [what, scene] : scenes) {
      const double overlap = mean_iou(name, scene);
      MESSAGE(name << ", " << what << " for " << frames << " frames: mean overlap " << overlap);
      CHECK(overlap > 0.6);
    }
  }
}
