// SPDX-License-Identifier: MIT
#include <pursuit/eval/one_pass.hpp>
#include <pursuit/eval/robust_starts.hpp>
#include <pursuit/eval/session.hpp>
#include <pursuit/eval/supervised.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <vector>

using namespace pursuit;

namespace {

/// Answers from a list, by the number of the frame, which it reads out of the frame's width.
struct Scripted {
  std::map<int, Box> answers;
  Box first{};
  int inits = 0, updates = 0;
  void init(const ImageView&, const Box& target) {
    first = target;
    ++inits;
  }
  Track update(const ImageView& frame) {
    ++updates;
    const auto found = answers.find(frame.width);
    return {.box = found != answers.end() ? found->second : first};
  }
};

ImageView numbered(std::size_t i) {
  static const std::uint8_t pixel = 0;
  return {&pixel, static_cast<int>(i), 1, 1, static_cast<std::ptrdiff_t>(i)};
}

constexpr Box here{10, 10, 20, 20}, away{100, 100, 20, 20};

std::vector<Region> still(std::size_t frames) { return std::vector<Region>(frames, here); }

}  // namespace

TEST_CASE("run_one_pass: the first box is the given one; a part of a sequence") {
  Scripted tracker{.answers = {{5, away}}};
  std::vector<std::size_t> heard;
  const TrackedRun run = run_one_pass(Session(tracker, SimulatedClock{50}), numbered, 3, 7, here,
                                      [&](std::size_t i) { heard.push_back(i); });
  CHECK(run.boxes == std::vector<Box>{here, here, away, here});
  CHECK(run.seconds == std::vector<double>(4, 0.02));
  CHECK(heard == std::vector<std::size_t>{3, 4, 5, 6});
  CHECK_THROWS_AS(run_one_pass(Session(tracker), numbered, 3, 3, here), Error);
}

TEST_CASE("run_one_pass: measured times are those of the tracker") {
  Scripted tracker;
  for (const double s : run_one_pass(Session(tracker), numbered, 0, 10, here).seconds) {
    CHECK(s >= 0);
    CHECK(s < 1);
  }
}

TEST_CASE("run_supervised: one failure at frame 20 of 100 gives segments of 20 and 75 frames") {
  Scripted tracker{.answers = {{20, away}}};
  const SupervisedRun run = run_supervised(Session(tracker), numbered, still(100), 200, 200);
  CHECK(run.regions[0] == Region(VotMark::initialized));
  CHECK(run.regions[19] == Region(here));
  CHECK(run.regions[20] == Region(VotMark::failed));
  for (std::size_t f = 21; f < 25; ++f) CHECK(run.regions[f] == Region(VotMark::unknown));
  CHECK(run.regions[25] == Region(VotMark::initialized));
  CHECK(run.regions[26] == Region(here));
  CHECK(tracker.inits == 2);
  CHECK(tracker.updates == 20 + 74);
}

TEST_CASE("run_supervised: a failure near the end starts nothing after it") {
  Scripted tracker{.answers = {{8, away}}};
  const SupervisedRun run = run_supervised(Session(tracker), numbered, still(12), 200, 200);
  CHECK(tracker.inits == 1);
  CHECK(run.regions[8] == Region(VotMark::failed));
  CHECK(run.regions[11] == Region(VotMark::unknown));
}

TEST_CASE("run_supervised: a start waits for a frame whose truth has a box; a polygon gives its preserved area") {
  auto truth = still(12);
  truth[0] = Box{0, 0, 0, 0};
  truth[1] = std::vector<Point>{{10, 10}, {30, 10}, {30, 30}, {10, 30}};
  Scripted tracker;
  const SupervisedRun run = run_supervised(Session(tracker), numbered, truth, 200, 200);
  CHECK(run.regions[0] == Region(VotMark::unknown));
  CHECK(run.regions[1] == Region(VotMark::initialized));
  CHECK(tracker.first == Box{9.5, 9.5, 21, 21});
}

TEST_CASE("RealtimeSession: a tracker that keeps up sees every frame") {
  Scripted tracker;
  run_one_pass(RealtimeSession(tracker, {}, SimulatedClock{20}), numbered, 0, 50, here);
  CHECK(tracker.updates == 49);
}

TEST_CASE("RealtimeSession: at half the video's speed every second frame passes, once the grace is used up") {
  // The start and the first two updates use the grace. From the third on each takes 2 intervals, a debt of 1 interval:
  // a debt that is not above an interval skips nothing; at 2.5 intervals one frame is skipped for each that is seen.
  Scripted on_time, late;
  run_one_pass(RealtimeSession(on_time, {}, SimulatedClock{10.000001}), numbered, 0, 50, here);
  CHECK(on_time.updates == 49);
  const TrackedRun run = run_one_pass(RealtimeSession(late, {}, SimulatedClock{8}), numbered, 0, 13, here);
  CHECK(late.updates == 2 + 5);
  const std::vector<double> skipped{0.125, 0.125, 0.125, 0.125, 0, 0.125, 0, 0.125, 0, 0.125, 0, 0.125, 0};
  CHECK(run.seconds == skipped);
}

TEST_CASE("RealtimeSession: a skipped frame repeats the last answer, and a new start renews the grace") {
  Scripted tracker{.answers = {{1, away}}};
  RealtimeSession session(tracker, {.fps = 20, .grace = 0}, SimulatedClock{8});
  session.init(numbered(0), here);
  CHECK(session.update(numbered(1)).track.box == here);  // still busy with the start
  CHECK(session.update(numbered(1)).track.box == away);
  CHECK(session.update(numbered(2)).track.box == away);
  CHECK(session.update(numbered(2)).seconds > 0);
  RealtimeSession graceful(tracker, {.fps = 20, .grace = 1}, SimulatedClock{8});
  graceful.init(numbered(0), here);
  CHECK(graceful.update(numbered(1)).seconds > 0);
  CHECK(graceful.update(numbered(1)).seconds == 0);
  graceful.init(numbered(0), here);
  CHECK(graceful.update(numbered(1)).seconds > 0);
}

TEST_CASE("TRE: twenty starts, evenly, at least twenty frames before the end") {
  const std::vector<Box> truth(100, here);
  const auto starts = temporal_starts(truth);  // possible: 0 ... 80, E = 81
  REQUIRE(starts.size() == 20);
  CHECK(starts.front() == 0);
  CHECK(starts[1] == 4);    // floor(1 + 81/19) - 1
  CHECK(starts[18] == 76);  // floor(1 + 18 * 81/19) - 1
  CHECK(starts.back() == 80);
  CHECK(std::is_sorted(starts.begin(), starts.end()));
  CHECK(temporal_starts(std::vector<Box>(19, here)).empty());
}

TEST_CASE("TRE: frames without a target, or that are to be left out, start nothing") {
  std::vector<Box> truth(40, here);
  truth[0] = {0, 0, 0, 0};
  const std::size_t omit[] = {1, 20};
  for (const std::size_t f : temporal_starts(truth, omit)) CHECK((f >= 2 && f <= 19));
}

TEST_CASE("SRE: the twelve boxes") {
  // 1-based (101, 51, 40, 20): shifts of round(4.5) = 5 and round(2.5) = 3.
  const auto boxes = spatial_starts({100, 50, 40, 20}, 640, 480);
  CHECK(boxes[0] == Box{95, 50, 40, 20});
  CHECK(boxes[1] == Box{105, 50, 40, 20});
  CHECK(boxes[2] == Box{100, 47, 40, 20});
  CHECK(boxes[3] == Box{100, 53, 40, 20});  // down moves y
  CHECK(boxes[4] == Box{96, 48, 44, 22});   // the lower right corner stays
  CHECK(boxes[5] == Box{100, 48, 44, 22});
  CHECK(boxes[6] == Box{96, 50, 44, 22});
  CHECK(boxes[7] == Box{100, 50, 44, 22});
  CHECK(boxes[8] == Box{104, 52, 32, 16});
  CHECK(boxes[11] == Box{96, 48, 48, 24});
  // At the edges boxes are cut to the frame.
  for (const Box& b : spatial_starts({0, 0, 40, 20}, 42, 21)) {
    CHECK(b.x >= 0);
    CHECK(b.y >= 0);
    CHECK(b.x + b.w <= 42);
    CHECK(b.y + b.h <= 21);
  }
}
