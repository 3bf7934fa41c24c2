// SPDX-License-Identifier: MIT
#include <pursuit/core/random.hpp>
#include <pursuit/optim/gauss_newton.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

using namespace pursuit;

namespace {

/// r = A x - b.
struct Linear {
  std::vector<std::vector<double>> a;
  std::vector<double> b;

  std::size_t residuals() const { return b.size(); }
  void residual(std::span<const double> x, std::span<double> r) const {
    forward(x, x, r);
    for (std::size_t i = 0; i < b.size(); ++i) r[i] -= b[i];
  }
  void forward(std::span<const double>, std::span<const double> d, std::span<double> jd) const {
    for (std::size_t i = 0; i < b.size(); ++i) {
      jd[i] = 0;
      for (std::size_t k = 0; k < d.size(); ++k) jd[i] += a[i][k] * d[k];
    }
  }
  void backward(std::span<const double>, std::span<const double> u, std::span<double> g) const {
    for (std::size_t k = 0; k < g.size(); ++k) {
      g[k] = 0;
      for (std::size_t i = 0; i < u.size(); ++i) g[k] += a[i][k] * u[i];
    }
  }
};

/// Rosenbrock's valley as residuals: (10 (y - x^2), 1 - x), zero at (1, 1).
struct Valley {
  std::size_t residuals() const { return 2; }
  void residual(std::span<const double> x, std::span<double> r) const {
    r[0] = 10 * (x[1] - x[0] * x[0]);
    r[1] = 1 - x[0];
  }
  void forward(std::span<const double> x, std::span<const double> d, std::span<double> jd) const {
    jd[0] = -20 * x[0] * d[0] + 10 * d[1];
    jd[1] = -d[0];
  }
  void backward(std::span<const double> x, std::span<const double> u, std::span<double> g) const {
    g[0] = -20 * x[0] * u[0] - u[1];
    g[1] = 10 * u[0];
  }
};

/// x^2 of each of two unknowns: no slope at 0, and numbers without end far off.
struct Squares {
  std::size_t residuals() const { return 2; }
  void residual(std::span<const double> x, std::span<double> r) const {
    for (std::size_t i = 0; i < 2; ++i) r[i] = x[i] * x[i] - 1;
  }
  void forward(std::span<const double> x, std::span<const double> d, std::span<double> jd) const {
    for (std::size_t i = 0; i < 2; ++i) jd[i] = 2 * x[i] * d[i];
  }
  void backward(std::span<const double> x, std::span<const double> u, std::span<double> g) const { forward(x, u, g); }
};

static_assert(DifferentiableResidual<Linear, double>);
static_assert(ResidualProblem<JacobianProblem<double, Valley>, double>);
struct OnlyMultiplies {
  void multiply(std::span<const double>, std::span<double>);
};
static_assert(LinearSystem<OnlyMultiplies, double> && !ResidualProblem<OnlyMultiplies, double>);

}  // namespace

TEST_CASE("GaussNewton: linear least squares take one step") {
  // A line through four points; by the normal equations its slope is 1.4 and its height 3.5.
  JacobianProblem<double, Linear> problem({{{1, 1}, {1, 2}, {1, 3}, {1, 4}}, {6, 5, 7, 10}});
  std::vector<double> x{100, -50};
  GaussNewton<double> solver;
  CHECK(solver.step(problem, std::span(x), 2).stop == Stop::iterations);
  CHECK(x[0] == doctest::Approx(3.5).epsilon(1e-12));
  CHECK(x[1] == doctest::Approx(1.4).epsilon(1e-12));
}

TEST_CASE("GaussNewton: a valley's end in two steps, since its residual there is zero") {
  // The first step makes 1 - x vanish exactly and leaves y - x^2 = -(dx)^2; the second is linear in y.
  JacobianProblem<double, Valley> problem{Valley{}};
  for (const auto beta :
       {GaussNewton<double>::Solver::Beta::fletcher_reeves, GaussNewton<double>::Solver::Beta::polak_ribiere}) {
    std::vector<double> x{-1.2, 1};
    GaussNewton<double> solver({.beta = beta});
    solver.step(problem, std::span(x), 2);
    CHECK(x[0] == doctest::Approx(1).epsilon(1e-9));
    CHECK(x[1] == doctest::Approx(1 - 2.2 * 2.2).epsilon(1e-9));
    solver.step(problem, std::span(x), 2);
    CHECK(x[0] == doctest::Approx(1).epsilon(1e-7));
    CHECK(x[1] == doctest::Approx(1).epsilon(1e-7));
  }
}

TEST_CASE("GaussNewton: several steps are steps one after the other") {
  JacobianProblem<double, Valley> problem{Valley{}};
  std::vector<double> a{-1.2, 1}, b = a;
  GaussNewton<double> solver;
  solver.run(problem, std::span(a), 3, 1);
  for (int i = 0; i < 3; ++i) solver.step(problem, std::span(b), 1);
  CHECK(a == b);
}

TEST_CASE("GaussNewton: where the problem is singular or overflows, the point stays finite") {
  JacobianProblem<double, Squares> problem{Squares{}};
  GaussNewton<double> solver;
  SUBCASE("no slope at all") {
    std::vector<double> x{0, 0};
    CHECK(solver.step(problem, std::span(x), 5).stop == Stop::solved);
    CHECK(x == std::vector<double>{0, 0});
  }
  SUBCASE("a slope in one direction only") {
    std::vector<double> x{2, 0};
    solver.step(problem, std::span(x), 5);
    CHECK(x[0] == doctest::Approx(1.25));
    CHECK(x[1] == 0);
  }
  SUBCASE("too large for numbers") {
    std::vector<double> x{1e200, 1};
    CHECK(solver.run(problem, std::span(x), 4, 5).stop == Stop::not_finite);
    CHECK(x == std::vector<double>{1e200, 1});
  }
  SUBCASE("not a number") {
    std::vector<double> x{std::numeric_limits<double>::quiet_NaN(), 1};
    CHECK(solver.run(problem, std::span(x), 4, 5).stop == Stop::not_finite);
    CHECK(x[1] == 1);
  }
}
