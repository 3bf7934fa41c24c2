// SPDX-License-Identifier: MIT
#include <pursuit/check/archetypes.hpp>
#include <pursuit/track/tracker.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <new>
#include <span>
#include <string>
#include <vector>

using namespace pursuit;

// The loop leans on nothing but the concepts.
template class pursuit::Tracker<check::BackboneArchetype, check::ClassifierArchetype, check::EstimatorArchetype,
                                check::RegionArchetype>;

namespace {

using Log = std::vector<std::string>;

/// Policies that use every part of the loop and write down how they are called. The log is shared by copies of a
/// tracker.
struct Backbone_ : check::BackboneArchetype {
  explicit Backbone_(Log* l) : BackboneArchetype(0), log(l) {}
  FeatureMaps<> extract(const TensorView<const float, 4>& p) {
    log->push_back(concat("extract ", p.shape));
    return BackboneArchetype::extract(p);
  }
  void reset() { log->push_back("reset"); }
  void commit(std::size_t i) { log->push_back(concat("commit ", i)); }
  Log* log;
};

struct Classifier_ : check::ClassifierArchetype {
  static constexpr UpdateFrom update_from = UpdateFrom::new_crop;
  static constexpr int augmentation_margin = 2;
  explicit Classifier_(Log* l) : ClassifierArchetype(0), log(l) {}
  void init(const Sample<>& s) {
    log->push_back(concat("init ", s.crops.size(), " crops ", s.contexts, " contexts ", s.targets.size(), " targets"));
    first_targets.assign(s.targets.begin(), s.targets.end());
  }
  void update(const Sample<>& s, const Track&) {
    log->push_back(concat("update ", s.crops.size(), " crops ", s.contexts, " contexts"));
  }
  bool wants(const Track& t) const { return t.status == TrackStatus::tracking; }
  std::span<const Point> contexts() const {
    static constexpr std::array<Point, 2> sides{{{-1, 0}, {1, 0}}};
    return sides;
  }
  std::span<const Augmentation> augmentations() const {
    static const std::array<Augmentation, 1> moved{Augmentation{.shift = {2, -1}}};
    return moved;
  }
  Log* log;
  std::vector<Box> first_targets;
};

struct LearnsFromSearch : check::ClassifierArchetype {
  static constexpr UpdateFrom update_from = UpdateFrom::search_crop;
  explicit LearnsFromSearch(Log* l) : ClassifierArchetype(0), log(l) {}
  void update(const Sample<>& s, const Track&) {
    log->push_back(concat("update ", s.features.top().values.shape, " first ", s.features.top().values(0, 0, 0, 0)));
  }
  Log* log;
};

/// Writes down what it hears of distractors.
struct Hears : check::ClassifierArchetype {
  static constexpr UpdateFrom update_from = UpdateFrom::search_crop;
  explicit Hears(std::vector<bool>* said) : ClassifierArchetype(0), heard(said) {}
  void update(const Sample<>& s, const Track&) { heard->push_back(s.hard_negative); }
  std::vector<bool>* heard;
};

/// Moves the box by a script.
struct Estimator_ {
  TargetState next{};
  std::span<const double> scales() const {
    static constexpr std::array<double, 3> three{0.5, 1.0, 2.0};
    return three;
  }
  TargetState estimate(const ResponseMap<>& r, const TargetState&) const {
    CHECK(r.crops.size() == 3);
    CHECK(r.frame_width == 40);
    CHECK(r.frame_height == 30);
    return next;
  }
};

struct Region_ : check::RegionArchetype {
  Region_() : RegionArchetype(0) {}
  Crop search(const ImageView&, const TargetState& s, double factor) const {
    return corner_aligned(center(s.track.box), 4 * factor, 4 * factor, 5, 4);
  }
};

const Box start{10, 8, 6, 4};

Image ramp() {
  Image frame(40, 30, PixelOrder::grey);
  for (int y = 0; y < 30; ++y)
    for (int x = 0; x < 40; ++x) *frame.at(x, y) = static_cast<std::uint8_t>(3 * x + 2 * y);
  return frame;
}

}  // namespace

TEST_CASE("the loop asks every policy, in order") {
  Log log;
  Tracker tracker{Backbone_(&log), Classifier_(&log), Estimator_{{.track = {.box = {12, 9, 6, 4}}, .scale = 2}},
                  Region_()};
  const Image frame = ramp();
  tracker.init(frame, start);
  CHECK(log == Log{"reset", "extract (4,3,6,8)", "init 4 crops 2 contexts 4 targets", "commit 0"});
  SUBCASE("targets are where the crops show them") {
    const auto& targets = tracker.classifier().first_targets;
    CHECK(targets[1].w == 0);  // a crop beside the target shows none
    CHECK(targets[3].x == doctest::Approx(targets[0].x + 2));
    CHECK(targets[3].y == doctest::Approx(targets[0].y - 1));
  }
  log.clear();
  CHECK(tracker.update(frame).box == Box{12, 9, 6, 4});
  CHECK(log == Log{"extract (3,3,4,5)", "commit 2", "extract (3,3,6,8)", "update 3 crops 2 contexts"});
  for (const StageTime& stage : tracker.stages()) CHECK(stage.calls == 1);
}

TEST_CASE("a classifier that does not want a frame costs no crop") {
  Log log;
  Tracker tracker{Backbone_(&log), Classifier_(&log),
                  Estimator_{{.track = {.box = start, .status = TrackStatus::uncertain}}}, Region_()};
  tracker.init(ramp(), start);
  log.clear();
  tracker.update(ramp());
  CHECK(log == Log{"extract (3,3,4,5)", "commit 0"});
}

TEST_CASE("a classifier that learns from the search crop gets the chosen one of the batch") {
  Log log;
  Tracker tracker{check::BackboneArchetype(0), LearnsFromSearch(&log),
                  Estimator_{{.track = {.box = start}, .scale = 1}}, Region_()};
  tracker.init(ramp(), start);
  tracker.update(ramp());
  // Scale 1: a 4 x 4 window around (13, 10), so its first pixel is the frame's (11, 8).
  CHECK(log == Log{concat("update (1,3,4,5) first ", 3 * 11 + 2 * 8)});
}

TEST_CASE("what an estimator says of a distractor comes with the sample of that frame only") {
  struct SaysOnce : check::EstimatorArchetype {
    explicit SaysOnce(int* f) : EstimatorArchetype(0), frame(f) {}
    TargetState estimate(const ResponseMap<>&, const TargetState& previous) const {
      TargetState next = previous;
      if (++*frame == 2) next.hard_negative = true;
      return next;
    }
    int* frame;
  };
  std::vector<bool> heard;
  int frame = 0;
  Tracker tracker{check::BackboneArchetype(0), Hears(&heard), SaysOnce(&frame), Region_()};
  tracker.init(ramp(), start);
  for (int i = 0; i < 3; ++i) tracker.update(ramp());
  CHECK(heard == std::vector<bool>{false, true, false});
}

TEST_CASE("a frame that cannot be read keeps the last state") {
  Log log;
  Tracker tracker{Backbone_(&log), Classifier_(&log), Estimator_{{.track = {.box = {12, 9, 6, 4}, .score = 0.5}}},
                  Region_()};
  const Image frame = ramp();
  tracker.init(frame, start);
  tracker.update(frame);
  const Track bad = tracker.update(ImageView{});
  CHECK(bad.status == TrackStatus::bad_frame);
  CHECK(bad.box == Box{12, 9, 6, 4});
  CHECK(tracker.update(frame).status == TrackStatus::tracking);
}

TEST_CASE("whatever the estimator says, the box is finite, touches the frame and has a bounded size") {
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  Log log;
  const Image frame = ramp();
  for (const Box& wild : {Box{nan, 0, 5, 5}, Box{0, inf, 5, 5}, Box{0, 0, nan, 5}, Box{1e9, -1e9, 5, 5},
                          Box{0, 0, 0, 0}, Box{0, 0, -3, 5}, Box{0, 0, 1e30, 1e-30}}) {
    CAPTURE(wild.x);
    CAPTURE(wild.w);
    Tracker tracker{Backbone_(&log), Classifier_(&log), Estimator_{{.track = {.box = wild, .score = nan}}}, Region_()};
    tracker.init(frame, start);
    const Track t = tracker.update(frame);
    CHECK(is_finite(t.box));
    CHECK(t.box.w >= 1);
    CHECK(t.box.w <= 80);
    CHECK(t.box.h >= 1);
    CHECK(t.box.h <= 60);
    CHECK(t.box.x >= -t.box.w);
    CHECK(t.box.x <= 40);
    CHECK(t.score == 0);
    if (!is_finite(wild)) CHECK(t.status == TrackStatus::lost);
  }
}

TEST_CASE("init refuses what cannot be tracked and leaves the tracker as it was") {
  Log log;
  Tracker tracker{Backbone_(&log), Classifier_(&log), Estimator_{{.track = {.box = start}}}, Region_()};
  const Image frame = ramp();
  CHECK_THROWS_WITH_AS(tracker.update(frame), doctest::Contains("init"), Error);
  tracker.init(frame, start);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const Box& bad : {Box{0, 0, 0, 5}, Box{0, 0, -1, 5}, Box{nan, 0, 5, 5}, Box{0, 0, 1e-310, 5}, Box{50, 5, 5, 5},
                         Box{-9, 5, 9, 5}, Box{0, 0, 1e9, 5}, Box{0, 0, 5, INFINITY}})
    CHECK_THROWS_WITH_AS(tracker.init(frame, bad), doctest::Contains("frame of 40x30"), Error);
  CHECK_THROWS_AS(tracker.init(ImageView{}, start), Error);
  CHECK(tracker.update(frame).box == start);  // still the first target
}

TEST_CASE("a policy that throws in one frame costs that frame and no more") {
  struct Failing : Estimator_ {
    const int* failures;
    TargetState estimate(const ResponseMap<>& r, const TargetState& previous) const {
      if (*failures > 0) throw std::bad_alloc();
      return Estimator_::estimate(r, previous);
    }
  };
  Log log;
  int failures = 0;
  Failing estimator{{{.track = {.box = {12, 9, 6, 4}}}}, &failures};
  Tracker tracker{Backbone_(&log), Classifier_(&log), estimator, Region_()};
  const Image frame = ramp();
  tracker.init(frame, start);
  failures = 1;
  CHECK_THROWS_AS(tracker.update(frame), std::bad_alloc);
  CHECK(tracker.track().box == start);
  failures = 0;
  CHECK(tracker.update(frame).box == Box{12, 9, 6, 4});
}

TEST_CASE("an estimator without scales is told so") {
  struct NoScales : Estimator_ {
    std::span<const double> scales() const { return {}; }
  };
  Log log;
  Tracker tracker{Backbone_(&log), Classifier_(&log), NoScales{}, Region_()};
  const Image frame = ramp();
  tracker.init(frame, start);
  CHECK_THROWS_WITH_AS(tracker.update(frame), doctest::Contains("scales"), Error);
}

TEST_CASE("a copy goes its own way") {
  Log log;
  Tracker tracker{Backbone_(&log), Classifier_(&log), Estimator_{{.track = {.box = {12, 9, 6, 4}}}}, Region_()};
  const Image frame = ramp();
  tracker.init(frame, start);
  auto copy = tracker;
  copy.update(frame);
  CHECK(tracker.track().box == start);
  CHECK(copy.track().box == Box{12, 9, 6, 4});
  auto moved = std::move(tracker);
  CHECK(tracker.update(frame).box == Box{12, 9, 6, 4});  // NOLINT(bugprone-use-after-move): promised by Tracker
}
