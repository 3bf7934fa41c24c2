// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/tensor_view.hpp>
#include <pursuit/kernels/layer_options.hpp>

#include <type_traits>

namespace pursuit::inline v0::kernels {

/// One number through an activation that is known at compile time.
template <Activation A, class T>
constexpr T activated(T x) {
  if constexpr (A == Activation::none) return x;
  if constexpr (A == Activation::relu) return x > T(0) ? x : T(0);
  const auto within_six = [](T v) { return v > T(0) ? (v < T(6) ? v : T(6)) : T(0); };
  if constexpr (A == Activation::relu6) return within_six(x);
  if constexpr (A == Activation::hard_swish) return x * within_six(x + T(3)) / T(6);
}

/// Calls `body` with the activation as a constant: std::integral_constant<Activation, a>.
template <class Body>
decltype(auto) with_activation(Activation a, Body&& body) {
  switch (a) {
    case Activation::relu: return body(std::integral_constant<Activation, Activation::relu>());
    case Activation::relu6: return body(std::integral_constant<Activation, Activation::relu6>());
    case Activation::hard_swish: return body(std::integral_constant<Activation, Activation::hard_swish>());
    case Activation::none: break;
  }
  return body(std::integral_constant<Activation, Activation::none>());
}

/// y[i] = activation(x[i]) for `count` numbers in any layout; y may be x.
template <class T>
void activate(const T* x, Index count, Activation activation, T* y) {
  with_activation(activation, [&](auto a) {
#pragma omp simd
    for (Index i = 0; i < count; ++i) y[i] = activated<decltype(a)::value>(x[i]);
  });
}

}  // namespace pursuit::inline v0::kernels
