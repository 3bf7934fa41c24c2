// SPDX-License-Identifier: MIT
#include <pursuit/core/random.hpp>
#include <pursuit/optim/conjugate_gradient.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

using namespace pursuit;

namespace {

/// A dense symmetric matrix.
template <class T>
struct Matrix {
  std::vector<std::vector<double>> a;
  int products = 0;

  void multiply(std::span<const T> p, std::span<T> q) {
    ++products;
    for (std::size_t i = 0; i < q.size(); ++i) {
      double sum = 0;
      for (std::size_t j = 0; j < p.size(); ++j) sum += a[i][j] * static_cast<double>(p[j]);
      q[i] = static_cast<T>(sum);
    }
  }
};

/// B^T B + I with noise in B: every condition is benign.
template <class T>
Matrix<T> positive(std::size_t n, std::uint64_t seed) {
  Random random(seed);
  std::vector<std::vector<double>> b(n, std::vector<double>(n));
  for (auto& row : b)
    for (double& v : row) v = random.uniform(-1, 1);
  Matrix<T> m{std::vector<std::vector<double>>(n, std::vector<double>(n, 0.0))};
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) {
      m.a[i][j] = i == j ? 1 : 0;
      for (std::size_t k = 0; k < n; ++k) m.a[i][j] += b[k][i] * b[k][j];
    }
  return m;
}

template <class T>
std::vector<T> noise(std::size_t n, std::uint64_t seed) {
  Random random(seed);
  std::vector<T> v(n);
  for (T& x : v) x = static_cast<T>(random.uniform(-1, 1));
  return v;
}

/// max |A x - b|
template <class T>
double error(Matrix<T>& a, const std::vector<T>& x, const std::vector<T>& b) {
  std::vector<T> ax(b.size());
  a.multiply(x, ax);
  double worst = 0;
  for (std::size_t i = 0; i < b.size(); ++i) worst = std::max(worst, std::abs(static_cast<double>(ax[i] - b[i])));
  return worst;
}

}  // namespace

TEST_CASE_TEMPLATE("ConjugateGradient: n iterations solve n equations", T, float, double) {
  using Solver = ConjugateGradient<T>;
  for (const auto beta : {Solver::Beta::fletcher_reeves, Solver::Beta::polak_ribiere}) {
    const std::size_t n = 9;
    auto a = positive<T>(n, 3);
    const auto b = noise<T>(n, 4);
    std::vector<T> x(n, T(5)), r = b;
    Solver solver({.beta = beta});
    const auto report = solver.solve(a, std::span<T>(r), std::span<T>(x), static_cast<int>(n));
    CHECK(report.iterations == static_cast<int>(n));
    CHECK(report.stop == Stop::iterations);
    CHECK(a.products == static_cast<int>(n));
    // The condition is about 10 and each step loses a few units in the last place.
    CHECK(error(a, x, b) < 400 * static_cast<double>(std::numeric_limits<T>::epsilon()));
    r = b;
    solver.solve(a, std::span<T>(r), std::span<T>(x), static_cast<int>(n) / 2);
    CHECK(error(a, x, b) > 1e-3);  // fewer do not
  }
}

TEST_CASE("ConjugateGradient: as many iterations as there are different eigenvalues") {
  Matrix<double> a{{{2, 0, 0, 0}, {0, 2, 0, 0}, {0, 0, 7, 0}, {0, 0, 0, 7}}};
  const std::vector<double> b{1, -2, 3, 4};
  std::vector<double> x(4), r = b;
  ConjugateGradient<double>().solve(a, std::span(r), std::span(x), 2);
  CHECK(error(a, x, b) < 1e-14);
}

TEST_CASE(
    "ConjugateGradient: the inverse as a preconditioner needs one iteration, in an inner product of its own too") {
  struct Preconditioned : Matrix<double> {
    void precondition(std::span<const double> r, std::span<double> z) const {
      for (std::size_t i = 0; i < r.size(); ++i) z[i] = r[i] / a[i][i];
    }
    double inner(std::span<const double> x, std::span<const double> y) const {
      double sum = 0;
      for (std::size_t i = 0; i < x.size(); ++i) sum += 3 * x[i] * y[i];
      return sum;
    }
  };
  Preconditioned a{{{{2, 0, 0}, {0, 50, 0}, {0, 0, 0.1}}}};
  const std::vector<double> b{1, -2, 3};
  std::vector<double> x(3), r = b;
  ConjugateGradient<double>().solve(a, std::span(r), std::span(x), 1);
  CHECK(error<double>(a, x, b) < 1e-14);
}

TEST_CASE("ConjugateGradient: the last iteration asks for the curvature alone, and each tells how far it goes") {
  struct Told : Matrix<double> {
    int curvatures = 0;
    std::vector<double> last = std::vector<double>(6), moved = std::vector<double>(6);
    void multiply(std::span<const double> p, std::span<double> q) {
      last.assign(p.begin(), p.end());
      Matrix<double>::multiply(p, q);
    }
    double curvature(std::span<const double> p) {
      ++curvatures;
      std::vector<double> q(p.size());
      multiply(p, q);
      double sum = 0;
      for (std::size_t i = 0; i < p.size(); ++i) sum += p[i] * q[i];
      return sum;
    }
    void take(double alpha) {
      for (std::size_t i = 0; i < last.size(); ++i) moved[i] += alpha * last[i];
    }
  };
  Told told{positive<double>(6, 5)};
  auto plain = positive<double>(6, 5);
  const auto b = noise<double>(6, 6);
  std::vector<double> x(6), y(6), r = b;
  ConjugateGradient<double> solver({.beta = ConjugateGradient<double>::Beta::polak_ribiere});
  solver.solve(told, std::span(r), std::span(x), 4);
  CHECK(told.curvatures == 1);
  CHECK(told.products == 4);
  r = b;
  solver.solve(plain, std::span(r), std::span(y), 4);
  for (std::size_t i = 0; i < x.size(); ++i) {
    CHECK(x[i] == doctest::Approx(y[i]).epsilon(1e-13));
    CHECK(told.moved[i] == doctest::Approx(x[i]).epsilon(1e-13));
  }
}

TEST_CASE("ConjugateGradient: the search direction goes on from call to call where it is not forgotten") {
  using Solver = ConjugateGradient<double>;
  const auto b = noise<double>(8, 8);
  const auto two_calls = [&](double forgetting) {
    auto a = positive<double>(8, 7);
    Solver solver({.beta = Solver::Beta::polak_ribiere, .forgetting = forgetting});
    std::vector<double> x(8), r = b, rest(8), more(8);
    solver.solve(a, std::span(r), std::span(x), 3);
    a.multiply(x, rest);
    for (std::size_t i = 0; i < 8; ++i) rest[i] = b[i] - rest[i];
    solver.solve(a, std::span(rest), std::span(more), 5);
    for (std::size_t i = 0; i < 8; ++i) x[i] += more[i];
    return error(a, x, b);
  };
  CHECK(two_calls(1) < 1e-12);  // one solve of eight iterations in two calls
  CHECK(two_calls(0) > 1e-6);   // five iterations from where three came to
}

TEST_CASE("ConjugateGradient: what cannot be solved leaves a finite answer") {
  ConjugateGradient<double> solver;
  std::vector<double> x(3, 9);
  SUBCASE("nothing to do") {
    auto a = positive<double>(3, 1);
    std::vector<double> r(3, 0.0);
    const auto report = solver.solve(a, std::span(r), std::span(x), 5);
    CHECK(report.stop == Stop::solved);
    CHECK(report.iterations == 0);
    CHECK(x == std::vector<double>(3, 0.0));
  }
  SUBCASE("a singular matrix") {
    Matrix<double> a{{{1, 0, 0}, {0, 0, 0}, {0, 0, 0}}};
    std::vector<double> r{0, 2, 0};
    CHECK(solver.solve(a, std::span(r), std::span(x), 5).stop == Stop::flat);
    CHECK(x == std::vector<double>(3, 0.0));
  }
  SUBCASE("a right side in the range of a singular matrix is solved") {
    Matrix<double> a{{{1, 0, 0}, {0, 4, 0}, {0, 0, 0}}};
    std::vector<double> r{3, 2, 0};
    CHECK(solver.solve(a, std::span(r), std::span(x), 5).stop != Stop::not_finite);
    CHECK(x[0] == doctest::Approx(3));
    CHECK(x[1] == doctest::Approx(0.5));
    CHECK(x[2] == 0);
  }
  SUBCASE("numbers that are none") {
    auto a = positive<double>(3, 1);
    std::vector<double> r{1, std::numeric_limits<double>::quiet_NaN(), 1};
    CHECK(solver.solve(a, std::span(r), std::span(x), 5).stop == Stop::not_finite);
    CHECK(x == std::vector<double>(3, 0.0));
  }
  SUBCASE("a step beyond all numbers") {
    Matrix<double> a{{{1e-300, 0, 0}, {0, 1e-300, 0}, {0, 0, 1e-300}}};
    std::vector<double> r{1e100, 0, 0};
    CHECK(solver.solve(a, std::span(r), std::span(x), 5).stop == Stop::not_finite);
    CHECK(x == std::vector<double>(3, 0.0));
  }
  // And the solver is as good as new.
  Matrix<double> a{{{2, 0, 0}, {0, 2, 0}, {0, 0, 2}}};
  std::vector<double> r{2, 4, 6};
  solver.solve(a, std::span(r), std::span(x), 1);
  CHECK(x == std::vector<double>{1, 2, 3});
}

TEST_CASE("ConjugateGradient refuses what does not fit") {
  auto a = positive<double>(3, 1);
  std::vector<double> r(3), x(2);
  CHECK_THROWS_AS(ConjugateGradient<double>().solve(a, std::span(r), std::span(x), 1), ShapeError);
  CHECK_THROWS_AS(ConjugateGradient<double>({.forgetting = 1.5}), Error);
}
