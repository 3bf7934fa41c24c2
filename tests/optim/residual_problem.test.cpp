// SPDX-License-Identifier: MIT
#include <pursuit/check/gradient.hpp>
#include <pursuit/optim/residual_problem.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <span>
#include <vector>

using namespace pursuit;

namespace {

/// r = (x y, sin x, y^2 - 1), with a mistake on request.
struct Curve {
  bool wrong = false;
  std::size_t residuals() const { return 3; }
  void residual(std::span<const double> x, std::span<double> r) const {
    r[0] = x[0] * x[1], r[1] = std::sin(x[0]), r[2] = x[1] * x[1] - 1;
  }
  void forward(std::span<const double> x, std::span<const double> d, std::span<double> jd) const {
    jd[0] = x[1] * d[0] + x[0] * d[1], jd[1] = std::cos(x[0]) * d[0], jd[2] = 2 * x[1] * d[1];
  }
  void backward(std::span<const double> x, std::span<const double> u, std::span<double> g) const {
    g[0] = x[1] * u[0] + std::cos(x[0]) * u[1];
    g[1] = x[0] * u[0] + (wrong ? 1 : 2) * x[1] * u[2];
  }
};

double loss(std::span<const double> x) {
  std::vector<double> r(3);
  Curve{}.residual(x, r);
  return (r[0] * r[0] + r[1] * r[1] + r[2] * r[2]) / 2;
}

}  // namespace

TEST_CASE("JacobianProblem: J^T r is the slope of half the squared residual") {
  const std::vector<double> at{0.7, -1.3};
  for (const bool wrong : {false, true}) {
    JacobianProblem<double, Curve> problem(Curve{wrong});
    const auto report = check::gradient(
        loss, [&](std::span<const double> x, std::span<double> g) { problem.linearise(x, g); }, at);
    CAPTURE(report);
    CHECK((report.worst < 1e-7) == !wrong);
  }
}

TEST_CASE("JacobianProblem: the product is J^T (J d) at the linearised point, and the curvature its part along d") {
  JacobianProblem<double, Curve> problem(Curve{});
  const std::vector<double> at{0.7, -1.3}, d{2, 0.5};
  std::vector<double> g(2), q(2), jd(3), expected(2);
  problem.linearise(at, g);
  problem.multiply(d, q);
  Curve{}.forward(at, d, jd);
  Curve{}.backward(at, jd, expected);
  CHECK(q == expected);
  CHECK(problem.curvature(d) == doctest::Approx(d[0] * q[0] + d[1] * q[1]).epsilon(1e-14));
}
