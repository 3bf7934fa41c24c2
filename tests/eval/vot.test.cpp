// SPDX-License-Identifier: MIT
#include <pursuit/eval/vot.hpp>

#include "support/golden_eval.hpp"

#include <doctest/doctest.h>
#include <cmath>
#include <vector>

using namespace pursuit;

namespace {

Region region_of(const nlohmann::json& r) {
  if (r.size() == 1) return static_cast<VotMark>(r[0].get<int>());
  if (r.size() == 4) return Box{r[0], r[1], r[2], r[3]};
  std::vector<Point> corners;
  for (std::size_t i = 0; i < r.size(); i += 2) corners.push_back({r[i], r[i + 1]});
  return corners;
}

std::vector<Region> regions_of(const nlohmann::json& rows) {
  std::vector<Region> out;
  for (const auto& r : rows) out.push_back(region_of(r));
  return out;
}

using Sequences = std::vector<std::vector<VotRun>>;

/// A run that is perfect but for failures at the given frames, with a start five frames after each.
VotRun perfect_but(std::size_t frames, const std::vector<std::size_t>& failures) {
  VotRun run{std::vector<Region>(frames, Box{0, 0, 10, 10}), std::vector<double>(frames, 1)};
  const auto mark = [&](std::size_t f, VotMark m) {
    if (f < frames) run.regions[f] = m, run.overlaps[f] = 0;
  };
  mark(0, VotMark::initialized);
  for (const std::size_t f : failures) {
    mark(f, VotMark::failed);
    for (std::size_t i = 1; i < 5; ++i) mark(f + i, VotMark::unknown);
    mark(f + 5, VotMark::initialized);
  }
  return run;
}

}  // namespace

TEST_CASE("VOT: the toolkit's overlaps, accuracy, failures and EAO for made-up results") {
  const auto golden = test::golden_eval("vot.json");
  const int width = golden["size"][0], height = golden["size"][1];
  const auto& theirs = golden["toolkit"];
  for (const auto& pair : theirs["overlaps"])
    CHECK(raster_overlap(region_of(pair[0]), region_of(pair[1]), width, height) ==
          doctest::Approx(pair[2].get<double>()).epsilon(1e-12));

  Sequences sequences;
  for (const auto& s : golden["sequences"]) {
    sequences.emplace_back();
    for (const auto& run : s["runs"])
      sequences.back().push_back(compare_vot(regions_of(run), regions_of(s["truth"]), width, height));
  }
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    const double mean = (vot_accuracy(sequences[i][0]) + vot_accuracy(sequences[i][1])) / 2;
    CHECK(std::abs(mean - theirs["sequence"][i][0].get<double>()) < 1e-9);
  }
  for (const int year : {2016, 2018, 2019}) {
    const VotScore ours = score_vot(sequences, {.range = vot_range(year)});
    CHECK(std::abs(ours.accuracy - theirs["accuracy"].get<double>()) < 1e-9);
    CHECK(std::abs(ours.failures - theirs["failures"].get<double>()) < 1e-9);
    CHECK(std::abs(ours.reliability - theirs["ar_x"].get<double>()) < 1e-9);
    // The toolkit's curve is computed in float.
    CHECK(std::abs(ours.eao - theirs["eao"][std::to_string(year)].get<double>()) < 1e-6);
  }
  CHECK(std::abs(score_vot(sequences, {.range = {20, 60}}).eao - theirs["eao"]["short"].get<double>()) < 1e-6);
  const VotScore ours = score_vot(sequences);
  const auto& curve = theirs["curve"];  // entries 1, 11, 21, ...
  REQUIRE(ours.eao_curve.size() > 10 * (curve.size() - 1) + 1);
  for (std::size_t i = 0; i < curve.size(); ++i)
    CHECK(std::abs(ours.eao_curve[10 * i + 1] - curve[i].get<double>()) < 1e-6);
}

TEST_CASE("VOT: pysot's accuracy, robustness and EAO from its own overlaps") {
  const auto golden = test::golden_eval("vot.json");
  Sequences sequences;
  for (const auto& s : golden["sequences"]) {
    sequences.emplace_back();
    for (std::size_t r = 0; r < s["runs"].size(); ++r) {
      VotRun run{regions_of(s["runs"][r]), {}};
      for (const auto& o : s["pysot_overlaps"][r]) run.overlaps.push_back(o.is_null() ? 0 : o.get<double>());
      sequences.back().push_back(run);
    }
  }
  const VotScore ours = score_vot(sequences, {.convention = VotConvention::pysot, .range = vot_range(2019)});
  const auto& theirs = golden["pysot"];
  CHECK(std::abs(ours.accuracy - theirs["accuracy"].get<double>()) < 1e-6);
  CHECK(std::abs(ours.robustness - theirs["robustness"].get<double>()) < 1e-6);
  CHECK(std::abs(ours.eao - theirs["eao"].get<double>()) < 1e-6);
  const VotScore within = score_vot(sequences, {.convention = VotConvention::pysot, .range = {20, 60}});
  CHECK(std::abs(within.eao - theirs["eao_short"].get<double>()) < 1e-6);
  for (const char* tag : {"occlusion", "motion_change"}) {
    std::vector<VotFlags> flags;
    for (const auto& s : golden["sequences"]) flags.push_back(s["tags"][tag].get<VotFlags>());
    const VotScore tagged = score_vot(sequences, {.convention = VotConvention::pysot, .range = vot_range(2019)}, flags);
    CHECK(std::abs(tagged.eao - theirs["eao_of_tag"][tag].get<double>()) < 1e-6);
  }
}

TEST_CASE("VOT: a perfect run has A 1, R 0 and, where it is long enough, EAO 1") {
  const VotScore long_enough = score_vot(Sequences{{perfect_but(120, {})}});
  CHECK(long_enough.accuracy == 1);
  CHECK(long_enough.failures == 0);
  CHECK(long_enough.robustness == 0);
  CHECK(long_enough.reliability == 1);
  CHECK(long_enough.eao == doctest::Approx(1).epsilon(1e-12));
  CHECK(score_vot(Sequences{{perfect_but(90, {})}}).eao == 0);
}

TEST_CASE("VOT: one failure at frame 20 of 100") {
  const VotScore s = score_vot(Sequences{{perfect_but(100, {20})}});
  CHECK(s.accuracy == 1);
  CHECK(s.failures == 1);
  CHECK(s.robustness == doctest::Approx(1).epsilon(1e-12));
  REQUIRE(s.eao_curve.size() == 75);
  CHECK(s.eao_curve[19] == doctest::Approx(1).epsilon(1e-12));
  CHECK(s.eao_curve[38] == doctest::Approx(0.75).epsilon(1e-12));
  CHECK(s.eao_curve[74] == doctest::Approx((1 + 19.0 / 74) / 2).epsilon(1e-12));
}

TEST_CASE("VOT: in pysot's reading a sequence weighs as much with two equal runs as with one") {
  const VotRun early = perfect_but(140, {30}), late = perfect_but(140, {90});
  const VotOptions pysot{.convention = VotConvention::pysot};
  const double once = score_vot(Sequences{{early}, {late}}, pysot).eao;
  CHECK(once > 0);
  CHECK(score_vot(Sequences{{early, early}, {late}}, pysot).eao == doctest::Approx(once).epsilon(1e-12));
  CHECK(score_vot(Sequences{{early, early}, {late}}).eao != doctest::Approx(once).epsilon(1e-6));
}

TEST_CASE("VOT: only frames with a tag are judged") {
  VotRun first = perfect_but(100, {20}), second = perfect_but(50, {});
  for (std::size_t f = 60; f < 80; ++f) first.overlaps[f] = 0.5;
  const Sequences sequences{{first}, {second}};
  const std::vector<VotFlags> all{VotFlags(100, 1), VotFlags(50, 1)};
  const VotScore plain = score_vot(sequences), same = score_vot(sequences, {}, all);
  CHECK(same.accuracy == doctest::Approx(plain.accuracy).epsilon(1e-12));
  CHECK(same.failures == doctest::Approx(plain.failures).epsilon(1e-12));
  CHECK(same.robustness == doctest::Approx(plain.robustness).epsilon(1e-12));
  CHECK(same.reliability == doctest::Approx(plain.reliability).epsilon(1e-12));
  CHECK(same.eao_curve == plain.eao_curve);
  CHECK(plain.frames == 150);

  std::vector<VotFlags> some{VotFlags(100), VotFlags(50)};
  for (std::size_t f = 50; f < 70; ++f) some[0][f] = 1;
  const VotScore tagged = score_vot(sequences, {}, some);
  CHECK(tagged.frames == 20);
  CHECK(tagged.accuracy == doctest::Approx(0.75).epsilon(1e-12));  // ten frames of 1, ten of 0.5
  CHECK(tagged.failures == 0);
  // Of the three parts only the one from frame 25 has the tag: frames 60 ... are its 35th and later.
  CHECK(tagged.eao_curve[34] == doctest::Approx(1).epsilon(1e-12));
  CHECK(tagged.eao_curve[36] == doctest::Approx(35.0 / 36).epsilon(1e-12));
  some[0][20] = 1;
  CHECK(score_vot(sequences, {}, some).failures == 1);
  CHECK(score_vot(sequences, {}, some).robustness == doctest::Approx(100.0 / 21).epsilon(1e-12));

  const VotScore none = score_vot(sequences, {}, std::vector<VotFlags>{VotFlags(100), VotFlags(50)});
  CHECK(none.frames == 0);
  CHECK(none.accuracy == 0);
  CHECK(none.eao == 0);
  CHECK_THROWS_AS(score_vot(sequences, {}, std::vector<VotFlags>{VotFlags(100)}), Error);
  CHECK_THROWS_AS(score_vot(sequences, {}, std::vector<VotFlags>{VotFlags(100), VotFlags(49)}), Error);
}

TEST_CASE("VOT: what is not finite overlaps nothing, nor does a mark") {
  const double nan = std::nan("");
  const Region box = Box{1, 1, 5, 5};
  CHECK(raster_overlap(box, Region(Box{nan, 1, 5, 5}), 20, 20) == 0);
  CHECK(raster_overlap(box, Region(std::vector<Point>{{1, 1}, {6, nan}, {6, 6}}), 20, 20) == 0);
  CHECK(raster_overlap(box, Region(VotMark::unknown), 20, 20) == 0);
  CHECK(raster_overlap(box, Region(std::vector<Point>{}), 20, 20) == 0);
  CHECK(raster_overlap(box, box, 20, 20) == 1);
}

TEST_CASE("VOT: a tracker that fails at every chance has an accuracy of 0") {
  std::vector<std::size_t> failures;
  for (std::size_t f = 1; f < 60; f += 6) failures.push_back(f);
  const VotScore s = score_vot(Sequences{{perfect_but(60, failures)}});
  CHECK(s.accuracy == 0);
  CHECK(s.failures == 10);
}

TEST_CASE("VOT: nothing to score is an error") {
  CHECK_THROWS_AS(score_vot({}), Error);
  CHECK_THROWS_AS(score_vot(Sequences(1)), Error);
  CHECK_THROWS_AS(compare_vot(std::vector<Region>(2), std::vector<Region>(3), 10, 10), Error);
  CHECK_THROWS_AS(vot_range(2021), Error);
}
