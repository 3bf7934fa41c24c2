// SPDX-License-Identifier: MIT
// Two trackers in two threads, made from the same weights. Run under ThreadSanitizer too.
#include <doctest/doctest.h>

#include <pursuit/check/rendered.hpp>
#include <pursuit/check/scenes.hpp>
#include <pursuit/core/threads.hpp>

#include <support/trackers.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <thread>
#include <vector>

using namespace pursuit;

namespace {

std::vector<Box> follow(AnyTracker tracker, const check::Scene& scene) {
  // OpenMP's own threads are not what is tested here, and ThreadSanitizer does not understand them.
  set_threads(1);
  check::RenderedSequence sequence(scene);
  tracker.init(sequence.frame(0), sequence.box(0));
  std::vector<Box> boxes;
  for (int t = 1; t < sequence.size(); ++t) boxes.push_back(tracker.update(sequence.frame(t)).box);
  return boxes;
}

}  // namespace

TEST_CASE("threads: two trackers at once find what each finds alone") {
  for (const std::string& name : test::trackers()) {
    CAPTURE(name);
    const int frames = std::clamp(test::frames(name, 300), 5, 30);
    const std::array<check::Scene, 2> scenes{check::moving(frames, 2, 1, 1), check::shaking(frames, 3, 2)};
    const AnyTracker prototype = test::make(name);
    std::array<std::vector<Box>, 2> alone, together;
    for (std::size_t i = 0; i < 2; ++i) alone[i] = follow(prototype, scenes[i]);
    std::array<std::thread, 2> threads;
    for (std::size_t i = 0; i < 2; ++i)
      threads[i] = std::thread([&, i] { together[i] = follow(prototype, scenes[i]); });
    for (std::thread& thread : threads) thread.join();
    CHECK(together == alone);
  }
}
