// SPDX-License-Identifier: MIT
#include <pursuit/core/tensor.hpp>
#include <pursuit/estimator/siamese_selection.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

using namespace pursuit;
using Proposal = SiameseSelection::Proposal;

namespace {

/// A 3 x 3 map of one crop that shows two pixels of the frame on each of its own.
struct Scene {
  Tensor<float, 3> scores = make_tensor<float, 3>({1, 3, 3}, 0.1F);
  std::vector<Proposal> proposals = std::vector<Proposal>(9, Proposal{0, 0, 20, 10});
  Crop crop{.width = 255, .height = 255, .unit_x = 2, .unit_y = 2};
  TargetState previous{.track = {.box = {100, 60, 40, 20}}, .first = {0, 0, 1, 1}};

  TargetState select(const SiameseSelection::Options& options) const {
    const ResponseMap<> response{
        .values = scores, .crops = {&crop, 1}, .stride = 16, .frame_width = 320, .frame_height = 240};
    return SiameseSelection(options).select(response, proposals.data(), previous);
  }
};

}  // namespace

TEST_CASE("SiameseSelection: the best score moves the centre at once and the size in part") {
  Scene scene;
  scene.scores(0, 2, 0) = 0.8F;
  scene.proposals[6] = {-5, 7, 20, 10};
  const TargetState next = scene.select({.penalty = 0, .influence = 0, .rate = 0.5});
  CHECK(center(next.track.box) == Point{110, 84});
  CHECK(next.track.box.w == doctest::Approx(40));
  CHECK(next.track.score == doctest::Approx(0.8));
  CHECK(next.track.status == TrackStatus::tracking);
  CHECK(next.scale == 0);

  // Twice as wide: s before = sqrt((20+15)(10+15)), after = sqrt((40+25)(10+25)); the aspect changes by 2.
  scene.proposals[6] = {-5, 7, 40, 10};
  const double change = 2 * std::sqrt(65 * 35.0 / (35 * 25.0)), punish = std::exp(-(change - 1) * 0.1);
  const TargetState wider = scene.select({.penalty = 0.1, .influence = 0, .rate = 0.5});
  const double rate = punish * scene.scores(0, 2, 0) * 0.5;
  CHECK(wider.track.box.w == doctest::Approx(40 * (1 - rate) + 80 * rate));
  CHECK(wider.track.box.h == doctest::Approx(20));
  // A quarter of the width is punished as much as four times the width.
  scene.proposals[6] = {-5, 7, 5, 10};
  const double narrow = std::sqrt(12.5 * 17.5), before = std::sqrt(35 * 25.0);
  const double punished = std::exp(-(4 * before / narrow - 1) * 0.1);
  const double smaller = punished * scene.scores(0, 2, 0) * 0.5;
  CHECK(scene.select({.penalty = 0.1, .influence = 0, .rate = 0.5}).track.box.w ==
        doctest::Approx(40 * (1 - smaller) + 10 * smaller));
}

TEST_CASE("SiameseSelection: change of size and the distance from the middle count against a score") {
  Scene scene;
  scene.scores(0, 0, 0) = 0.9F;
  scene.scores(0, 1, 1) = 0.6F;
  scene.proposals[0] = {-16, -16, 20, 10};
  CHECK(center(scene.select({.penalty = 0, .influence = 0.2, .rate = 0.3}).track.box) == Point{88, 38});
  // 0.9 (1 - w) < 0.6 (1 - w) + w from w = 3/13 on: the corner of the window is zero, its middle one.
  CHECK(center(scene.select({.penalty = 0, .influence = 0.22, .rate = 0.3}).track.box) == Point{88, 38});
  CHECK(center(scene.select({.penalty = 0, .influence = 0.24, .rate = 0.3}).track.box) == Point{120, 70});
  scene.proposals[0] = {-16, -16, 60, 30};  // three times as large: 0.9 exp(-2 k) < 0.6 from k = 0.203 on
  CHECK(center(scene.select({.penalty = 0.19, .influence = 0, .rate = 0.3}).track.box) == Point{88, 38});
  CHECK(center(scene.select({.penalty = 0.21, .influence = 0, .rate = 0.3}).track.box) == Point{120, 70});
}

TEST_CASE("SiameseSelection: the centre stays in the frame, sizes between 10 pixels and the frame") {
  Scene scene;
  scene.scores(0, 1, 1) = 1;
  scene.proposals[4] = {-500, 500, 4000, 1};
  scene.previous.track.box = {-30, 65, 300, 10};
  const Box box = scene.select({.penalty = 0, .influence = 0, .rate = 0.5}).track.box;
  CHECK(center(box) == Point{0, 240});
  CHECK(box.w == 320);
  CHECK(box.h == 10);
}

TEST_CASE("SiameseSelection: low scores are uncertain, lower ones lost") {
  Scene scene;
  const SiameseSelection::Options options{.penalty = 0, .influence = 0.4, .uncertain_below = 0.5, .lost_below = 0.2};
  for (const auto& [score, status] :
       {std::pair{0.6F, TrackStatus::tracking}, {0.4F, TrackStatus::uncertain}, {0.15F, TrackStatus::lost}}) {
    scene.scores(0, 1, 1) = score;
    const TargetState next = scene.select(options);
    CHECK(next.track.status == status);
    CHECK(next.track.score == doctest::Approx(score));
  }
}

TEST_CASE("SiameseSelection: boxes that are no numbers are passed over") {
  Scene scene;
  scene.scores(0, 0, 0) = 1;
  scene.scores(0, 2, 2) = 0.5F;
  for (const float odd : {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
    scene.proposals[0] = {odd, 0, odd, odd};
    scene.proposals[8] = {3, 4, 20, 10};
    CHECK(center(scene.select({.penalty = 0.1, .influence = 0, .rate = 0.5}).track.box) == Point{126, 78});
  }
}

TEST_CASE("SiameseSelection: maps of several anchors share one window") {
  Scene scene;
  scene.scores = make_tensor<float, 3>({2, 3, 3}, 0.1F);
  scene.proposals.resize(18, {0, 0, 20, 10});
  scene.scores(1, 1, 1) = 0.3F;
  scene.proposals[13] = {1, 0, 20, 10};
  CHECK(center(scene.select({.penalty = 0, .influence = 0.3, .rate = 0.5}).track.box) == Point{122, 70});
}
