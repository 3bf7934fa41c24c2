// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/aligned.hpp>
#include <pursuit/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <span>

namespace pursuit::inline v0 {

/// A symmetric system A x = b with A at least positive semidefinite, known by its products.
///
///   multiply(p, q)      q = A p
///
/// and, where the problem has something to say:
///
///   precondition(r, z)  z = M^-1 r; else z = r
///   inner(a, b)         the inner product; else the sum of products
///   curvature(p)        <p, A p> alone, where that is cheaper than A p: the last iteration needs no more
///   take(alpha)         hears that the solution moves by alpha times the vector of the last product
template <class A, class T>
concept LinearSystem = std::floating_point<T> && requires(A& a, std::span<const T> p, std::span<T> q) {
  a.multiply(p, q);
};

/// Why a solver came back.
enum class Stop {
  iterations,  ///< it did all that it was asked for
  solved,      ///< nothing is left of the residual
  flat,        ///< the system says nothing along the search direction: it is singular there
  not_finite   ///< a number overflowed or was none; the solution is the last finite one
};

/// Conjugate gradients: a few iterations on a system that is only known by its products.
///
///     z = M^-1 r,  rho = <r, z>,  p = z + beta p,  alpha = rho / <p, A p>,  x += alpha p,  r -= alpha A p
///     beta = rho / rho_before                         Fletcher-Reeves
///     beta = max(0, rho - <r_before, z>) / rho_before     Polak-Ribiere
///
/// From call to call it forgets the search direction, unless `forgetting` is given: then the direction goes on and
/// rho is divided by the factor before the first iteration, which fits systems that change little by little.
/// Memory is taken at the first call of a size and kept.
///
/// Ref     Nocedal and Wright, Numerical Optimization, chapter 5; visionml/pytracking (`ConjugateGradientBase`).
template <std::floating_point T>
class ConjugateGradient {
 public:
  enum class Beta { fletcher_reeves, polak_ribiere };

  struct Options {
    Beta beta = Beta::fletcher_reeves;
    double forgetting = 0;  ///< in (0, 1]; 0: every call begins anew
  };

  struct Report {
    int iterations = 0;  ///< how many moved the solution
    Stop stop = Stop::iterations;
  };

  ConjugateGradient() = default;
  /// Throws Error unless forgetting is in [0, 1].
  explicit ConjugateGradient(const Options& options) : options_(options) {
    if (!(options.forgetting >= 0 && options.forgetting <= 1))
      throw Error(concat("ConjugateGradient: forgetting is ", options.forgetting, ": need 0 to 1"));
  }

  /// Forgets the search direction.
  void reset() { has_direction_ = false; }

  /// Solves A x = r from x = 0. `r` is the right side and ends as what is left of it, but for the last iteration.
  /// Throws ShapeError where the lengths differ.
  template <LinearSystem<T> A>
  Report solve(A& system, std::span<T> r, std::span<T> x, int iterations) {
    if (r.size() != x.size())
      throw ShapeError(concat("ConjugateGradient: a right side of ", r.size(), " for ", x.size(), " unknowns"));
    std::fill(x.begin(), x.end(), T(0));
    begin(r.size());
    const std::span<T> p(p_), q(q_);
    for (int i = 0; i < iterations; ++i) {
      const std::span<const T> z = preconditioned(system, r);
      const double before = rho_;
      rho_ = inner<A>(system, r, z);
      if (!std::isfinite(rho_)) return stopped({i, Stop::not_finite});
      if (!(rho_ > 0)) return stopped({i, Stop::solved});
      double beta = 0;
      if (has_direction_) {
        const double kept = options_.beta == Beta::polak_ribiere ? inner<A>(system, r_before_, z) : 0;
        beta = std::max(0.0, (rho_ - kept) / before);
        if (!std::isfinite(beta)) return stopped({i, Stop::not_finite});
      }
      const T factor = static_cast<T>(beta);
      for (std::size_t k = 0; k < p.size(); ++k) p[k] = beta == 0 ? z[k] : z[k] + factor * p[k];
      has_direction_ = true;

      const bool last = i + 1 == iterations;
      const double curvature = multiply(system, p, q, last);
      if (!std::isfinite(curvature)) return stopped({i, Stop::not_finite});
      if (!(curvature > 0)) return stopped({i, Stop::flat});
      const T alpha = static_cast<T>(rho_ / curvature);
      if (!moves(x, alpha)) return stopped({i, Stop::not_finite});
      if constexpr (requires { system.take(alpha); }) system.take(alpha);
      if (options_.beta == Beta::polak_ribiere) std::copy(r.begin(), r.end(), r_before_.begin());
      if (!last)
        for (std::size_t k = 0; k < r.size(); ++k) r[k] -= alpha * q[k];
    }
    return {iterations, Stop::iterations};
  }

 private:
  void begin(std::size_t n) {
    if (p_.size() != n) {
      p_.assign(n, T(0));
      q_.assign(n, T(0));
      z_.assign(n, T(0));
      if (options_.beta == Beta::polak_ribiere) r_before_.assign(n, T(0));
      has_direction_ = false;
    }
    if (options_.forgetting == 0) has_direction_ = false;
    if (has_direction_) rho_ /= options_.forgetting;
  }

  Report stopped(Report report) {
    has_direction_ = false;
    return report;
  }

  template <class A>
  std::span<const T> preconditioned(A& system, std::span<const T> r) {
    if constexpr (requires(std::span<T> z) { system.precondition(r, z); }) {
      system.precondition(r, std::span<T>(z_));
      return z_;
    } else {
      return r;
    }
  }

  template <class A>
  static double inner(A& system, std::span<const T> a, std::span<const T> b) {
    if constexpr (requires { system.inner(a, b); }) {
      return static_cast<double>(system.inner(a, b));
    } else {
      double sum = 0;
#pragma omp simd reduction(+ : sum)
      for (std::size_t k = 0; k < a.size(); ++k) sum += static_cast<double>(a[k]) * static_cast<double>(b[k]);
      return sum;
    }
  }

  /// <p, A p>, and q = A p unless this is the last iteration and the system can do without.
  template <class A>
  static double multiply(A& system, std::span<const T> p, std::span<T> q, bool last) {
    if constexpr (requires { system.curvature(p); }) {
      if (last) return static_cast<double>(system.curvature(p));
    }
    system.multiply(p, q);
    return inner<A>(system, p, q);
  }

  /// x += alpha p, unless that leaves the finite numbers.
  bool moves(std::span<T> x, T alpha) const {
    bool finite = true;
    for (std::size_t k = 0; k < x.size(); ++k) finite = finite && std::isfinite(x[k] + alpha * p_[k]);
    if (!finite) return false;
    for (std::size_t k = 0; k < x.size(); ++k) x[k] += alpha * p_[k];
    return true;
  }

  Options options_{};
  AlignedVector<T> p_, q_, z_, r_before_;
  double rho_ = 1;
  bool has_direction_ = false;
};

}  // namespace pursuit::inline v0
