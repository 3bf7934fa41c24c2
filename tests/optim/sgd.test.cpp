// SPDX-License-Identifier: MIT
#include "optimiser_steps.hpp"

#include <pursuit/concepts/optimizer.hpp>
#include <pursuit/optim/clip.hpp>
#include <pursuit/optim/sgd.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

using namespace pursuit;

static_assert(ResumableOptimizer<optim::Sgd<>>);

TEST_CASE_TEMPLATE("Sgd: steps of PyTorch's", T, float, double) {
  using Sgd = optim::Sgd<T>;
  check_steps<T>(Sgd({.rate = 0.1}), {{{0.90000000000000002, -1.6000000000000001, 0.34999999999999998},
                                       {0.81000000000000005, -1.28, 0.245},
                                       {0.72900000000000009, -1.024, 0.17149999999999999},
                                       {0.65610000000000013, -0.81920000000000004, 0.12004999999999999}}});
  check_steps<T>(Sgd({.rate = 0.1, .momentum = 0.9, .weight_decay = 5e-2}),
                 {{{0.89500000000000002, -1.5900000000000001, 0.34749999999999998},
                   {0.70652500000000007, -0.89505000000000001, 0.10426249999999997},
                   {0.46271237500000006, -0.086109749999999943, -0.14645131250000004},
                   {0.19469621312500004, 0.65958897375000014, -0.32742609343750007}}});
  check_steps<T>(Sgd({.rate = 0.1, .momentum = 0.9, .nesterov = true}),
                 {{{0.81000000000000005, -1.24, 0.21499999999999997},
                   {0.57510000000000006, -0.44479999999999997, -0.029050000000000055},
                   {0.32732100000000003, 0.21670400000000012, -0.17408650000000003},
                   {0.093887909999999977, 0.64964608000000013, -0.21323354500000002}}});
}

TEST_CASE("Sgd: its state is all that it needs to go on") {
  optim::Sgd<double> whole({.momentum = 0.9}), resumed({.momentum = 0.9});
  std::vector<double> p{1}, q{1}, d{2};
  whole.step(0, p, d);
  optim::Sgd<double> before({.momentum = 0.9});
  before.step(0, q, d);
  // As a checkpoint does: the velocity goes out, and into an optimiser that made no step.
  std::vector<double> kept;
  before.state([&](const std::string& name, std::vector<double>& v) {
    CHECK(name == "velocity.0");
    kept = v;
  });
  resumed.prepare(0, 1);
  resumed.state([&](const std::string&, std::vector<double>& v) { v = kept; });
  whole.step(0, p, d);
  resumed.step(0, q, d);
  CHECK(p == q);
}

TEST_CASE("clip_norm: a long gradient is shortened, others stay") {
  std::vector<float> d{3, 0, -4};
  CHECK(optim::clip_norm<float>(d, 10) == 5);
  CHECK(d == std::vector<float>{3, 0, -4});
  CHECK(optim::clip_norm<float>(d, 1) == 5);
  CHECK(d[0] == doctest::Approx(0.6));
  CHECK(d[2] == doctest::Approx(-0.8));
  std::vector<float> bad{1, std::numeric_limits<float>::infinity()};
  CHECK(!std::isfinite(optim::clip_norm<float>(bad, 1)));
  CHECK(bad[0] == 1);
}

TEST_CASE("Sgd refuses gradients and slots of another length") {
  optim::Sgd<double> optimiser({.momentum = 0.9});
  std::vector<double> two(2), three(3);
  optimiser.step(0, two, two);
  CHECK_THROWS_AS(optimiser.step(0, two, three), ShapeError);
  CHECK_THROWS_AS(optimiser.step(0, three, three), ShapeError);
  CHECK_NOTHROW(optimiser.step(1, three, three));
}
