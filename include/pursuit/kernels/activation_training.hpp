// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/kernels/activation.hpp>

#include <cmath>

namespace pursuit::inline v0::kernels {

/// The slope of an activation at x. At a kink it is that of the flat side. For `none`, `relu` and `relu6` the activated
/// number may stand for x: the slope is the same.
template <Activation A, class T>
constexpr T activation_slope(T x) {
  if constexpr (A == Activation::none) return T(1);
  if constexpr (A == Activation::relu) return x > T(0) ? T(1) : T(0);
  if constexpr (A == Activation::relu6) return x > T(0) && x < T(6) ? T(1) : T(0);
  if constexpr (A == Activation::hard_swish) return x <= T(-3) ? T(0) : x >= T(3) ? T(1) : (2 * x + 3) / 6;
}

/// dx[i] = slope(x[i]) dy[i] for `count` numbers; dx may be dy.
template <class T>
void activate_backward(const T* x, const T* dy, Index count, Activation activation, T* dx) {
  with_activation(activation, [&](auto a) {
#pragma omp simd
    for (Index i = 0; i < count; ++i) dx[i] = activation_slope<decltype(a)::value>(x[i]) * dy[i];
  });
}

/// 1 / (1 + e^-x).
template <class T>
T sigmoid(T x) {
  const T small = std::exp(-std::abs(x));  // the exponent is never positive, so nothing overflows
  return (x >= 0 ? T(1) : small) / (1 + small);
}
/// y[i] = sigmoid(x[i]); y may be x.
template <class T>
void sigmoid(const T* x, Index count, T* y) {
  for (Index i = 0; i < count; ++i) y[i] = sigmoid(x[i]);
}
/// dx = y (1 - y) dy, where y is what sigmoid() gave; dx may be dy.
template <class T>
void sigmoid_backward(const T* y, const T* dy, Index count, T* dx) {
#pragma omp simd
  for (Index i = 0; i < count; ++i) dx[i] = y[i] * (1 - y[i]) * dy[i];
}

/// y[i] = tanh(x[i]); y may be x.
template <class T>
void hyperbolic_tangent(const T* x, Index count, T* y) {
  for (Index i = 0; i < count; ++i) y[i] = std::tanh(x[i]);
}
/// dx = (1 - y^2) dy, where y is what hyperbolic_tangent() gave; dx may be dy.
template <class T>
void hyperbolic_tangent_backward(const T* y, const T* dy, Index count, T* dx) {
#pragma omp simd
  for (Index i = 0; i < count; ++i) dx[i] = (1 - y[i] * y[i]) * dy[i];
}

}  // namespace pursuit::inline v0::kernels
