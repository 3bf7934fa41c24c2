// SPDX-License-Identifier: MIT
#include <pursuit/eval/long_term.hpp>

#include "support/golden_eval.hpp"

#include <doctest/doctest.h>
#include <cmath>
#include <limits>
#include <vector>

using namespace pursuit;

TEST_CASE("long-term: the toolkit's precision, recall and F for made-up results") {
  const auto golden = test::golden_eval("long_term.json");
  const auto box = [](const nlohmann::json& b) { return Region(Box{b[0], b[1], b[2], b[3]}); };
  std::vector<LongTermRun> runs;
  for (const auto& s : golden["sequences"]) {
    std::vector<Region> boxes, truth;
    for (const auto& b : s["boxes"]) boxes.push_back(box(b));
    for (const auto& t : s["truth"]) truth.push_back(t.empty() ? Region(VotMark::unknown) : box(t));
    runs.push_back(compare_long_term(boxes, s["confidence"].get<std::vector<double>>(), truth, golden["size"][0],
                                     golden["size"][1]));
  }
  const LongTermScore ours = score_long_term(runs);
  const auto& theirs = golden["toolkit"];
  CHECK(std::abs(ours.precision - theirs["precision"].get<double>()) < 1e-9);
  CHECK(std::abs(ours.recall - theirs["recall"].get<double>()) < 1e-9);
  CHECK(std::abs(ours.f - theirs["f"].get<double>()) < 1e-9);
  REQUIRE(ours.precision_curve.size() == theirs["precision_curve"].size());
  for (std::size_t i = 0; i < ours.precision_curve.size(); ++i) {
    CHECK(std::abs(ours.precision_curve[i] - theirs["precision_curve"][i].get<double>()) < 1e-9);
    CHECK(std::abs(ours.recall_curve[i] - theirs["recall_curve"][i].get<double>()) < 1e-9);
  }
}

TEST_CASE("long-term: a tracker that knows when the target is gone is perfect, one that does not is not") {
  // Six frames with the target, followed exactly, and four without.
  LongTermRun run{{1, 1, 1, 1, 1, 1, 0, 0, 0, 0}, {1, 1, 1, 1, 1, 1, 0, 0, 0, 0}, 6};
  const LongTermScore knows = score_long_term(std::vector{run});
  CHECK(knows.f == 1);
  CHECK(knows.precision == 1);
  CHECK(knows.recall == 1);
  CHECK(knows.threshold == 1);
  run.confidence.assign(10, 0.5);
  const LongTermScore blind = score_long_term(std::vector{run});
  CHECK(blind.precision == doctest::Approx(0.6).epsilon(1e-12));
  CHECK(blind.recall == doctest::Approx(1).epsilon(1e-12));
  CHECK(blind.f == doctest::Approx(0.75).epsilon(1e-12));
}

TEST_CASE("long-term: confidence that is no number is never above a threshold; nothing to score is an error") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const LongTermScore s = score_long_term(std::vector{LongTermRun{{1, 1}, {nan, 0.5}, 2}});
  CHECK(s.recall == doctest::Approx(0.5).epsilon(1e-12));
  CHECK_THROWS_AS(score_long_term({}), Error);
  CHECK_THROWS_AS(score_long_term(std::vector{LongTermRun{{0}, {1}, 0}}), Error);
  const std::vector<Region> two(2, Region(Box{0, 0, 4, 4})), three(3, Region(Box{0, 0, 4, 4}));
  CHECK_THROWS_AS(compare_long_term(two, {1, 1}, three, 9, 9), Error);
  CHECK_THROWS_AS(compare_long_term(two, {1}, two, 9, 9), Error);
  CHECK(compare_long_term(two, {1, 1}, two, 9, 9).overlaps == std::vector<double>{1, 1});
}
