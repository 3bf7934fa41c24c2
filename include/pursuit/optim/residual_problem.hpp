// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/aligned.hpp>
#include <pursuit/optim/conjugate_gradient.hpp>

#include <concepts>
#include <cstddef>
#include <span>
#include <utility>

namespace pursuit::inline v0 {

/// A problem min_x |r(x)|^2 whose derivatives somebody wrote by hand, J = dr/dx.
///
///   linearise(x, g)   takes x as the point at which J is meant from now on; g = J^T r
///   multiply(d, q)    q = J^T J d
///
/// It may also offer what LinearSystem names. (J^T J as one product, because whoever reads many samples for J d has
/// them at hand for J^T; JacobianProblem makes one of a residual and its two products.)
template <class P, class T>
concept ResidualProblem = LinearSystem<P, T> && requires(P& problem, std::span<const T> x, std::span<T> g) {
  problem.linearise(x, g);
};

/// A residual with the products of its Jacobian at x.
///
///   residuals()          their number
///   residual(x, r)       r = r(x)
///   forward(x, d, jd)    jd = J d
///   backward(x, u, g)    g = J^T u
template <class R, class T>
concept DifferentiableResidual = std::floating_point<T> &&
    requires(const R& r, std::span<const T> in, std::span<T> out) {
  { r.residuals() } -> std::convertible_to<std::size_t>;
  r.residual(in, out);
  r.forward(in, in, out);
  r.backward(in, in, out);
};

/// The ResidualProblem of a residual with its two Jacobian products.
template <std::floating_point T, DifferentiableResidual<T> R>
class JacobianProblem {
 public:
  explicit JacobianProblem(R residual) : residual_(std::move(residual)), r_(residual_.residuals()) {}

  void linearise(std::span<const T> x, std::span<T> g) {
    x_.assign(x.begin(), x.end());
    residual_.residual(x, r_);
    residual_.backward(x, r_, g);
  }
  void multiply(std::span<const T> d, std::span<T> q) {
    residual_.forward(x_, d, r_);
    residual_.backward(x_, r_, q);
  }
  T curvature(std::span<const T> d) {
    residual_.forward(x_, d, r_);
    T sum = 0;
    for (const T v : r_) sum += v * v;
    return sum;
  }

  const R& residual() const { return residual_; }

 private:
  R residual_;
  AlignedVector<T> x_, r_;
};

}  // namespace pursuit::inline v0
