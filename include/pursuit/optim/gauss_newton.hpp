// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/aligned.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/optim/conjugate_gradient.hpp>
#include <pursuit/optim/residual_problem.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <span>

namespace pursuit::inline v0 {

/// Gauss-Newton for min_x |r(x)|^2: each step solves J^T J d = -J^T r, roughly, by a few conjugate gradients, and adds
/// d. There is no line search.
///
/// A step that a singular or overflowing problem spoils is cut short where its numbers were last finite: x stays
/// finite if it was.
template <std::floating_point T>
class GaussNewton {
 public:
  using Solver = ConjugateGradient<T>;

  GaussNewton() = default;
  explicit GaussNewton(const typename Solver::Options& options) : solver_(options) {}

  /// Forgets the search direction of the steps before.
  void reset() { solver_.reset(); }

  /// One step from x, of at most so many conjugate gradients.
  template <ResidualProblem<T> P>
  typename Solver::Report step(P& problem, std::span<T> x, int iterations) {
    if (d_.size() != x.size()) {
      d_.assign(x.size(), T(0));
      b_.assign(x.size(), T(0));
    }
    const std::span<T> d(d_), b(b_);
    problem.linearise(std::span<const T>(x), b);
    for (T& v : b) v = -v;
    const auto report = solver_.solve(problem, b, d, iterations);
    for (std::size_t k = 0; k < x.size(); ++k)
      if (!std::isfinite(x[k] + d[k])) return {0, Stop::not_finite};
    for (std::size_t k = 0; k < x.size(); ++k) x[k] += d[k];
    return report;
  }

  /// Several steps; stops early where one finds numbers that are not finite.
  template <ResidualProblem<T> P>
  typename Solver::Report run(P& problem, std::span<T> x, int steps, int iterations) {
    typename Solver::Report report;
    for (int i = 0; i < steps && report.stop != Stop::not_finite; ++i) report = step(problem, x, iterations);
    return report;
  }

 private:
  Solver solver_;
  AlignedVector<T> d_, b_;
};

}  // namespace pursuit::inline v0
