// SPDX-License-Identifier: MIT
// Ten thousand frames with flat memory.
#include <doctest/doctest.h>

#include <pursuit/check/rendered.hpp>
#include <pursuit/check/scenes.hpp>

#include <support/sanitizer.hpp>
#include <support/trackers.hpp>

#include <algorithm>
#include <fstream>
#include <string>

using namespace pursuit;

namespace {

/// Memory of this process that is in use, in kB; 0 where there is no /proc.
long resident_kb() {
  std::ifstream file("/proc/self/statm");
  long total = 0, resident = 0;
  file >> total >> resident;
  return resident * 4;
}

}  // namespace

TEST_CASE("soak: memory is flat over ten thousand frames, with loss, bad frames and new targets in between") {
  check::Scene scene = check::shaking(50, 3);
  scene.width = 200;
  scene.height = 150;
  scene.target.path = check::swinging({100, 75}, {30, 20}, {50, 25});
  check::RenderedSequence sequence(scene);
  if (resident_kb() == 0) {
    MESSAGE("skipped: there is no /proc to read memory use from");
    return;
  }
  for (const std::string& name : test::trackers()) {
    CAPTURE(name);
    AnyTracker tracker = test::make(name);
    const int frames = test::frames(name, 10000);
    long after_start = 0;
    for (int t = 0; t < frames; ++t) {
      if (t % 1000 == 0) tracker.init(sequence.frame(0), sequence.box(0));
      tracker.update(t % 97 == 96 ? ImageView{} : sequence.frame(t % 50));
      if (t == std::max(frames / 10, 10)) after_start = resident_kb();
    }
    const long grown = resident_kb() - after_start;
    MESSAGE(name << ": " << frames << " frames, " << grown << " kB more than after the first tenth");
#ifdef PURSUIT_TEST_SANITIZER
    MESSAGE("not judged: a sanitizer keeps what was given back, and looks for leaks itself");
#else
    // A leak of a single response map a frame would be some 100 MB.
    CHECK(grown < 2048);
#endif
  }
}
