// SPDX-License-Identifier: MIT
#include <pursuit/train/frame_pairs.hpp>

#include "../support/bytes.hpp"
#include "../support/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

using namespace pursuit;

namespace {

/// Adds a clip of n frames of 400 x 1 pixels of value `mark`, whose boxes tell the frames' numbers: (number, 0, 20,
/// 20).
void add_clip(TrainingFrames& frames, int mark, int n, const std::vector<int>& hidden = {}) {
  std::vector<Image> images(static_cast<std::size_t>(n),
                            Image(400, 1, PixelOrder::grey, static_cast<std::uint8_t>(mark)));
  std::vector<Box> boxes;
  for (int i = 0; i < n; ++i) boxes.push_back({1.0 * i, 0, 20, 20});
  for (const int i : hidden) boxes[static_cast<std::size_t>(i)] = no_box;
  frames.add(std::to_string(mark), std::move(images), boxes);
}
std::shared_ptr<const TrainingFrames> shared(TrainingFrames& frames) {
  return std::make_shared<const TrainingFrames>(std::move(frames));
}
int mark(const FramePair& pair) { return *pair.first->at(0, 0); }

}  // namespace

TEST_CASE("FramePairs: sources by their weights, clips of a source alike") {
  TrainingFrames frames;
  frames.add_source("videos", 3);
  add_clip(frames, 1, 30);
  add_clip(frames, 2, 60);
  add_clip(frames, 3, 19);  // ATOM's rule wants 20 frames
  frames.add_source("too short");
  add_clip(frames, 4, 5);
  frames.add_source("stills", 1);
  add_clip(frames, 5, 1);
  const FramePairs pairs(shared(frames), PairRule::atom());
  CHECK(pairs.clips() == 3);
  std::map<int, int> count;
  Random random(1);
  const int n = 8000;
  for (int i = 0; i < n; ++i) ++count[mark(pairs.draw(random))];
  CHECK(count.size() == 3);
  // Four deviations of a count.
  const auto near = [&](int k, double share) {
    return std::abs(count[k] - n * share) < 4 * std::sqrt(n * share * (1 - share));
  };
  CHECK(near(1, 3 / 8.0));
  CHECK(near(2, 3 / 8.0));
  CHECK(near(5, 1 / 4.0));
}

TEST_CASE("FramePairs: ATOM's pairs lie on both sides, at most the gap apart, where the target is seen") {
  TrainingFrames frames;
  std::vector<int> hidden;
  for (int i = 100; i < 130; ++i) hidden.push_back(i);
  add_clip(frames, 1, 200, hidden);
  const FramePairs pairs(shared(frames), PairRule::atom());
  Random random(2);
  std::map<int, int> steps;
  double mean = 0;
  const int n = 20000;
  for (int i = 0; i < n; ++i) {
    const FramePair pair = pairs.draw(random);
    CHECK((pair.first_box.x < 100 || pair.first_box.x >= 130));
    CHECK((pair.second_box.x < 100 || pair.second_box.x >= 130));
    ++steps[static_cast<int>(pair.second_box.x - pair.first_box.x)];
    mean += pair.first_box.x / n;
  }
  CHECK(steps.begin()->first == -50);
  CHECK(steps.rbegin()->first == 50);
  CHECK(steps[0] > 0);
  // First frames are drawn alike: 0 to 99 and 130 to 199.
  const double expected = (100 * 49.5 + 70 * 164.5) / 170;
  CHECK(std::abs(mean - expected) < 4 * 65 / std::sqrt(n));
}

TEST_CASE("FramePairs: ordered pairs go forward, to another frame") {
  TrainingFrames frames;
  add_clip(frames, 1, 120);
  add_clip(frames, 2, 2);
  add_clip(frames, 3, 30, {3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14});
  const FramePairs pairs(shared(frames), {.gap = 10});
  Random random(3);
  double low = 1000, high = 0;
  for (int i = 0; i < 5000; ++i) {
    const FramePair pair = pairs.draw(random);
    low = std::min(low, pair.second_box.x - pair.first_box.x);
    high = std::max(high, pair.second_box.x - pair.first_box.x);
  }
  CHECK(low == 1);
  CHECK(high == 10);
}

TEST_CASE("FramePairs: a video whose frames are all too far apart is passed over") {
  TrainingFrames frames;
  std::vector<int> hidden;
  for (int i = 1; i < 40; ++i) hidden.push_back(i);
  add_clip(frames, 1, 41, hidden);
  add_clip(frames, 2, 1);
  const auto all = shared(frames);
  CHECK(FramePairs(all, {.gap = 39}).clips() == 1);
  CHECK(FramePairs(all, {.gap = 40}).clips() == 2);
  const FramePairs stills(all, {.gap = 39});
  Random random(4);
  const FramePair pair = stills.draw(random);
  CHECK(pair.first == pair.second);
  CHECK(pair.first_box == pair.second_box);
}

TEST_CASE("TargetLimits: sides, proportions, shares of the frame and distance to its edges") {
  const Box b{10, 20, 30, 40};
  CHECK(TargetLimits{}.accept(b, 100, 100));
  for (const Box& outside : {Box{100, 20, 30, 40}, Box{-30, 20, 30, 40}, Box{10, 100, 30, 40}, Box{10, -41, 30, 40}})
    CHECK(!TargetLimits{}.accept(outside, 100, 100));
  CHECK(TargetLimits{}.accept({-29, 99, 30, 40}, 100, 100));
  CHECK(!PairRule::atom().limits.accept({10, 10, 1e-9, 40}));
  CHECK(!TargetLimits{.min_side = 31}.accept(b));
  CHECK(TargetLimits{.min_side = 30}.accept(b));
  CHECK(!TargetLimits{.max_side = 39}.accept(b));
  CHECK(!TargetLimits{.max_aspect = 1.3}.accept(b));
  CHECK(TargetLimits{.max_aspect = 1.34}.accept(b));
  CHECK(!TargetLimits{.min_share = 0.2}.accept(b, 200, 100));
  CHECK(TargetLimits{.min_share = 0.15}.accept(b, 200, 100));
  CHECK(!TargetLimits{.max_share = 0.39}.accept(b, 200, 100));
  CHECK(!TargetLimits{.min_root = 0.35}.accept(b, 100, 100));  // sqrt(.3 .4) = .346
  CHECK(TargetLimits{.min_root = 0.34, .max_root = 0.35}.accept(b, 100, 100));
  CHECK(!TargetLimits{.max_root = 0.34}.accept(b, 100, 100));
  CHECK(TargetLimits{.min_border = 0.28}.accept(b, 100, 100));  // 10 pixels of a mean side of 35
  CHECK(!TargetLimits{.min_border = 0.29}.accept(b, 100, 100));
  CHECK(!TargetLimits{.min_border = 0.1}.accept(b, 42, 100));
  CHECK(!TargetLimits{.min_border = 0.1}.accept(b, 100, 62));
  CHECK(!TargetLimits{.min_side = 1}.accept(no_box));
}

TEST_CASE("FramePairs: limits that need the frame are asked when a pair is drawn") {
  TrainingFrames frames;
  frames.add("sizes",
             {Image(100, 100, PixelOrder::rgb), Image(100, 100, PixelOrder::rgb), Image(100, 100, PixelOrder::rgb)},
             {{10, 10, 20, 20}, {10, 10, 60, 60}, {10, 10, 21, 21}});
  const auto all = shared(frames);
  const FramePairs pairs(all, PairRule::siamfc());
  Random random(5);
  for (int i = 0; i < 50; ++i) {
    const FramePair pair = pairs.draw(random);
    CHECK(pair.first_box.w == 20);
    CHECK(pair.second_box.w == 21);
  }
  const FramePairs none(all, {.limits = {.max_share = 0.1}});
  CHECK_THROWS_WITH_AS((void)none.draw(random), doctest::Contains("a thousand pairs in a row"), Error);
}

TEST_CASE("FramePairs: a frame that cannot be read is passed over and noted once") {
  const test::TemporaryFolder folder;
  Sequence sequence;
  sequence.name = "broken";
  for (int i = 0; i < 6; ++i) {
    sequence.frames.push_back(folder / concat(i, ".png"));
    sequence.boxes.push_back({1.0 * i, 0, 3, 3});
    save_png(sequence.frames.back(), Image(8, 8, PixelOrder::grey));
  }
  test::write_file(folder / "2.png", "");
  std::filesystem::remove(folder / "4.png");
  TrainingFrames frames;
  frames.add(sequence);
  const auto all = shared(frames);
  const FramePairs pairs(all, {.gap = 5});
  Random random(6);
  for (int i = 0; i < 200; ++i) {
    const FramePair pair = pairs.draw(random);
    CHECK(pair.first_box.x != 2);
    CHECK(pair.second_box.x != 4);
  }
  CHECK(all->notes().size() == 2);

  TrainingFrames gone;
  sequence.frames.assign(6, folder / "gone.png");
  gone.add(sequence);
  const FramePairs nothing(shared(gone), {.gap = 5});
  CHECK_THROWS_WITH_AS((void)nothing.draw(random), doctest::Contains("gone.png"), Error);
}

TEST_CASE("FramePairs: what cannot be drawn from is an error") {
  TrainingFrames frames;
  add_clip(frames, 1, 10);
  const auto all = shared(frames);
  CHECK_THROWS_WITH_AS(FramePairs(all, PairRule::atom()), doctest::Contains("none of 1 clips fits"), Error);
  CHECK_THROWS_AS(FramePairs(std::make_shared<const TrainingFrames>(), {}), Error);
  CHECK_THROWS_AS(FramePairs(nullptr, {}), Error);
  TrainingFrames empty;
  add_clip(empty, 1, 1, {0});
  CHECK_THROWS_WITH_AS(FramePairs(shared(empty), {}), doctest::Contains("first note: 1: no frame with a box"), Error);
  CHECK_THROWS_AS(FramePairs(all, {.gap = 0}), Error);
  CHECK_THROWS_AS(FramePairs(all, {.min_shown = 9}), Error);
}
