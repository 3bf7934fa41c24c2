// SPDX-License-Identifier: MIT
#include "optimiser_steps.hpp"

#include <pursuit/concepts/optimizer.hpp>
#include <pursuit/optim/adam.hpp>
#include <pursuit/optim/schedule.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <string>
#include <type_traits>
#include <vector>

using namespace pursuit;

static_assert(ResumableOptimizer<optim::Adam<>>);

TEST_CASE_TEMPLATE("Adam: steps of PyTorch's", T, float, double) {
  using Adam = optim::Adam<T>;
  check_steps<T>(Adam({.rate = 0.1}), {{{0.90000000099999999, -1.9000000002499999, 0.40000000066666663},
                                        {0.80041222971233816, -1.800166486115701, 0.30118742096867557},
                                        {0.70158627450441502, -1.7006233920464651, 0.20487125150058239},
                                        {0.60393906268210795, -1.6015048952894209, 0.11291539677342625}}});
  check_steps<T>(Adam({.rate = 0.1, .beta1 = 0.8, .beta2 = 0.99, .epsilon = 1e-3, .weight_decay = 0.5}),
                 {{{0.90006662225183209, -1.9000199960008, 0.40005711022272988},
                   {0.80083160622387883, -1.80034519424299, 0.30190203418412936},
                   {0.70286232814989846, -1.7011974696479759, 0.20736872155220124},
                   {0.60680925544789899, -1.6028107705512762, 0.11890252946734396}}});
}

TEST_CASE_TEMPLATE("Adam: each of many parameters goes its own way", T, float, double) {
  optim::Adam<T> many({.rate = 0.1}), one({.rate = 0.1});
  const std::size_t n = 1029;  // blocks, and what is left of one
  std::vector<T> p(n), d(n);
  for (std::size_t i = 0; i < n; ++i) p[i] = static_cast<T>(i), d[i] = static_cast<T>(std::sin(static_cast<double>(i)));
  many.step(0, p, d);
  many.step(0, p, d);
  // sqrt and contraction differ between loops by units in the last place of numbers up to 1029
  const double last_place = std::is_same_v<T, double> ? 1e-12 : 2e-4;
  for (std::size_t i = 0; i < n; ++i) {
    std::vector<T> q{static_cast<T>(i)};
    one.step(i, q, {&d[i], 1});
    one.step(i, q, {&d[i], 1});
    REQUIRE(std::abs(p[i] - q[0]) < last_place);
    REQUIRE((i == 0 || std::abs(q[0] - static_cast<T>(i)) > 0.1));
  }
}

TEST_CASE("Adam: the rate may change between steps, and the state is complete") {
  optim::Adam<float> whole({.rate = 1}), resumed({.rate = 1});
  std::vector<float> p{1}, q{1}, d{2};
  whole.step(0, p, d);
  CHECK(p[0] == doctest::Approx(0).scale(1));
  whole.rate = resumed.rate = 0.5;
  optim::Adam<float> first({.rate = 1});
  first.step(0, q, d);
  std::vector<std::vector<float>> kept;
  first.state([&](const std::string&, std::vector<float>& v) { kept.push_back(v); });
  REQUIRE(kept.size() == 3);
  resumed.prepare(0, 1);
  std::size_t i = 0;
  resumed.state([&](const std::string&, std::vector<float>& v) { v = kept[i++]; });
  whole.step(0, p, d);
  resumed.step(0, q, d);
  CHECK(p == q);
  CHECK(p[0] == doctest::Approx(-0.5));
}

TEST_CASE("schedules: rates of published training runs") {
  const optim::StepSchedule atom{.first = 1e-3, .every = 15, .factor = 0.2};
  CHECK(atom.rate(14) == doctest::Approx(1e-3));
  CHECK(atom.rate(15) == doctest::Approx(2e-4));
  CHECK(atom.rate(49) == doctest::Approx(8e-6));
  const optim::ExponentialSchedule siamfc{.first = 1e-2, .factor = std::pow(1e-3, 1.0 / 50)};
  CHECK(siamfc.rate(0) == doctest::Approx(1e-2));
  CHECK(siamfc.rate(50) == doctest::Approx(1e-5));
  const optim::LogSchedule rar{.first = 1e-3, .last = 1e-4, .epochs = 50};
  CHECK(rar.rate(49) == doctest::Approx(1e-4));
  CHECK(rar.rate(80) == doctest::Approx(1e-4));
  CHECK(rar.rate(1) / rar.rate(0) == doctest::Approx(rar.rate(30) / rar.rate(29)));
  const optim::WarmUp<optim::LogSchedule> warm{.first = 1e-3, .epochs = 5, .schedule = {.first = 5e-3, .last = 5e-4}};
  CHECK(warm.rate(0) == doctest::Approx(1e-3));
  CHECK(warm.rate(4) == doctest::Approx(1e-3 + 0.8 * 4e-3));
  CHECK(warm.rate(5) == doctest::Approx(5e-3));
  CHECK(warm.rate(54) == doctest::Approx(5e-4));
  const optim::StepSchedule never{.every = 0};
  CHECK_THROWS_WITH_AS(never.rate(3), "StepSchedule: a step every 0 epochs: need at least 1", Error);
}

TEST_CASE("Adam refuses gradients and slots of another length") {
  optim::Adam<double> optimiser;
  std::vector<double> two(2), three(3);
  optimiser.step(0, two, two);
  CHECK_THROWS_AS(optimiser.step(0, two, three), ShapeError);
  CHECK_THROWS_AS(optimiser.step(0, three, three), ShapeError);
  CHECK_NOTHROW(optimiser.step(1, three, three));
  optimiser.state([&](const std::string& name, std::vector<double>& v) {
    if (name == "second.1") v.pop_back();  // as from a file of another network
  });
  CHECK_THROWS_AS(optimiser.step(1, three, three), ShapeError);
}
