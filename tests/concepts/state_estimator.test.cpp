// SPDX-License-Identifier: MIT
#include <pursuit/check/archetypes.hpp>
#include <pursuit/concepts/loss.hpp>
#include <pursuit/concepts/optimizer.hpp>
#include <pursuit/concepts/state_estimator.hpp>

#include <doctest/doctest.h>

using namespace pursuit;

namespace {

struct Fits {
  std::span<const double> scales() const;
  TargetState estimate(const ResponseMap<>&, const TargetState&) const;
};
struct NoScales {
  TargetState estimate(const ResponseMap<>&, const TargetState&) const;
};
struct LearnsWhileReading : Fits {
  TargetState estimate(const ResponseMap<>&, const TargetState&);
};
struct ForgetsConfidence : Fits {
  Box estimate(const ResponseMap<>&, const TargetState&) const;
};
struct ReadsFeatures : Fits {
  using Fits::estimate;
  TargetState estimate(const ResponseMap<>&, const FeatureMaps<>&, const TargetState&) const;
};
struct ReadsNothingElse {
  std::span<const double> scales() const;
  TargetState estimate(const ResponseMap<>&, const FeatureMaps<>&, const TargetState&) const;
};
struct SeesTheTarget : Fits {
  void init(const Sample<>&);
};
struct GoesOn : SeesTheTarget {
  void update(const Sample<>&, const Track&);
};

static_assert(StateEstimator<check::EstimatorArchetype>);
static_assert(StateEstimator<Fits>);
static_assert(!StateEstimator<NoScales>);
static_assert(!StateEstimator<LearnsWhileReading>);  // estimate() must be const
static_assert(!StateEstimator<ForgetsConfidence>);   // a box is not a state
static_assert(FeatureEstimator<ReadsFeatures>);
static_assert(!FeatureEstimator<Fits>);
static_assert(!FeatureEstimator<ReadsNothingElse>);
static_assert(ConditionedEstimator<SeesTheTarget>);
static_assert(!ConditionedEstimator<Fits>);
static_assert(OnlineEstimator<GoesOn>);
static_assert(!OnlineEstimator<SeesTheTarget>);

struct Squares {
  using scalar = double;
  double value(std::span<const double>, std::span<const double>) const;
  void gradient(std::span<const double>, std::span<const double>, std::span<double>) const;
};
struct ForgetsGradient {
  using scalar = double;
  double value(std::span<const double>, std::span<const double>) const;
};
struct WholeNumbers {
  using scalar = int;
  int value(std::span<const int>, std::span<const int>) const;
  void gradient(std::span<const int>, std::span<const int>, std::span<int>) const;
};
struct ReturnsGradient : Squares {
  double gradient(std::span<const double>, std::span<const double>, std::span<double>) const;
};
static_assert(Loss<Squares>);
static_assert(!Loss<ForgetsGradient>);
static_assert(!Loss<WholeNumbers>);
static_assert(!Loss<ReturnsGradient>);

struct Descends {
  void step(std::size_t, std::span<float>, std::span<const float>);
};
struct ForgetsSlots {
  void step(std::span<float>, std::span<const float>);
};
static_assert(Optimizer<Descends>);
static_assert(!Optimizer<ForgetsSlots>);

}  // namespace

TEST_CASE("the estimator archetype leaves the target where it is") {
  const check::EstimatorArchetype estimator(0);
  const TargetState state{.track = {.box = {1, 2, 3, 4}}};
  CHECK(estimator.estimate({}, state).track.box == state.track.box);
  CHECK(estimator.scales().size() == 1);
}
