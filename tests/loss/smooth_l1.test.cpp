// SPDX-License-Identifier: MIT
#include "golden_loss.hpp"

#include <pursuit/check/gradient.hpp>
#include <pursuit/check/noise.hpp>
#include <pursuit/concepts/loss.hpp>
#include <pursuit/loss/adaptive_hard.hpp>
#include <pursuit/loss/logistic.hpp>
#include <pursuit/loss/mean_squared.hpp>
#include <pursuit/loss/response_l2.hpp>
#include <pursuit/loss/smooth_l1.hpp>
#include <pursuit/loss/teacher_soft.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

using namespace pursuit;

static_assert(Loss<loss::SmoothL1<float>> && Loss<loss::SmoothL1<double>>);
static_assert(Loss<loss::TeacherSoft<float>> && Loss<loss::MeanSquared<float>> && Loss<loss::Logistic<float>>);
static_assert(Loss<loss::ResponseL2<float>>);

namespace {

template <class T>
std::vector<T> noise(std::uint64_t seed, double size) {
  const auto x = check::noise(24, seed, -size, size);
  return {x.begin(), x.end()};
}

template <class L>
void agrees(const L& loss, const char* name, std::uint64_t prediction, const std::vector<typename L::scalar>& target,
            double size = 2) {
  using T = typename L::scalar;
  CAPTURE(name);
  const auto p = noise<T>(prediction, size);
  std::vector<T> d(24, T(9));
  loss.gradient(p, target, d);
  CHECK(golden_difference(std::vector<T>{loss.value(p, target)}, name) < golden_tolerance<T>);
  CHECK(golden_difference(d, std::string(name) + ".d0") < golden_tolerance<T>);
}

}  // namespace

TEST_CASE_TEMPLATE("losses of predictions: agree with automatic differentiation", T, float, double) {
  const auto truth = noise<T>(3, 2);
  agrees(loss::SmoothL1<T>{}, "smooth_l1", 1, truth);
  agrees(loss::TeacherSoft<T>{}, "smooth_l1", 1, truth);
  agrees(loss::SmoothL1<T>{.threshold = T(0.5)}, "smooth_l1.half", 1, truth);
  agrees(loss::MeanSquared<T>{}, "mean_squared", 1, truth);
  auto label = noise<T>(5, 1);
  for (T& y : label) y = y > T(0.5) ? T(1) : T(0);
  agrees(loss::Logistic<T>{}, "logistic", 4, label, 3);
}

TEST_CASE("losses of predictions: gradients agree with central differences, and a wrong one is caught") {
  const auto p = check::noise(24, 1, -2, 2), t = check::noise(24, 3, -2, 2);
  auto label = t;
  for (double& y : label) y = y > 1 ? 1 : 0;
  using In = std::span<const double>;
  const auto agrees = [&](const auto& loss, const std::vector<double>& target) {
    const auto value = [&](In x) { return loss.value(x, target); };
    const auto right = check::gradient(
        value, [&](In x, std::span<double> d) { loss.gradient(x, target, d); }, p);
    INFO(right);
    CHECK(right.worst < 1e-7);
    CHECK(check::gradient(
              value, [&](In x, std::span<double> d) { loss.gradient(target, x, d); }, p)
              .worst > 1e-2);
  };
  agrees(loss::SmoothL1<double>{.threshold = 0.7}, t);
  agrees(loss::MeanSquared<double>{}, t);
  agrees(loss::ResponseL2<double>{.maps = 3}, t);
  CHECK(loss::ResponseL2<double>{.maps = 3}.value(p, t) ==
        doctest::Approx(8 * loss::MeanSquared<double>{}.value(p, t)));
  agrees(loss::Logistic<double>{}, label);
}

TEST_CASE_TEMPLATE("AdaptiveHard: learns from the truth until the student is better than its teacher", T, float,
                   double) {
  const auto student = noise<T>(1, 2), teacher = noise<T>(2, 2), truth = noise<T>(3, 2);
  const double l_s = golden_loss("smooth_l1")[0], l_t = golden_loss("hard.teacher")[0];
  REQUIRE(std::abs(l_t - l_s) > 0.005);
  std::vector<T> d(24, T(9));
  const loss::AdaptiveHard<T> loss;
  // By which of the two is better here: the other way round the gate is the other.
  const auto& worse = l_s > l_t ? student : teacher;
  const auto& better = l_s > l_t ? teacher : student;
  CHECK(static_cast<double>(loss.value(worse, better, truth)) == doctest::Approx(std::max(l_s, l_t)));
  loss.gradient(worse, better, truth, d);
  CHECK(golden_difference(d, l_s > l_t ? "smooth_l1.d0" : "hard.teacher.d0") < golden_tolerance<T>);
  CHECK(loss.value(better, worse, truth) == 0);
  loss.gradient(better, worse, truth, d);
  CHECK(std::ranges::all_of(d, [](T v) { return v == 0; }));
  // Better, but not by the margin.
  CHECK(static_cast<double>(loss::AdaptiveHard<T>{.margin = 10}.value(better, worse, truth)) ==
        doctest::Approx(std::min(l_s, l_t)));
}

TEST_CASE("Logistic: far scores do not overflow") {
  const std::vector<float> score{500, -500}, label{0, 1};
  std::vector<float> d(2);
  const loss::Logistic<float> loss;
  CHECK(loss.value(score, label) == doctest::Approx(500));
  loss.gradient(score, label, d);
  CHECK(d[0] == 0.5F);
  CHECK(d[1] == -0.5F);
}
