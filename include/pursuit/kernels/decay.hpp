// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/tensor_view.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <concepts>
#include <cstdint>

namespace pursuit::inline v0::kernels {

namespace detail {

/// exp(x) for x in [-87, 0], exactly 1 at 0, else within 2 units in the last place; compilers make vectors of it.
inline float exp_below_zero(float x) {
  // x = k ln 2 + r. Adding 1.5 * 2^23 rounds to a whole number and leaves it in the low bits.
  const float shifted = x * 1.44269504F + 12582912.0F, k = shifted - 12582912.0F;
  const float r = (x - k * 0.693359375F) + k * 2.12194440e-4F;
  float p = 1.0F / 720;
  p = p * r + 1.0F / 120;
  p = p * r + 1.0F / 24;
  p = p * r + 1.0F / 6;
  p = p * r + 0.5F;
  p = (p * r) * r + r + 1.0F;
  return p * std::bit_cast<float>((std::bit_cast<std::uint32_t>(shifted) << 23) + 0x3F800000U);
}

/// max(min(x, 0), -87). On the bits, because GCC makes no vectors of choices between floats: negative numbers are in
/// reverse order as whole ones.
inline float limited_to_decay(float x) {
  std::uint32_t bits = std::bit_cast<std::uint32_t>(x);
  bits &= 0U - (bits >> 31);
  return std::bit_cast<float>(std::min(bits, std::bit_cast<std::uint32_t>(-87.0F)));
}

}  // namespace detail

/// y = exp(min(x, 0) / a): the slope of an activation that is linear above 0 and dies away below.
///
/// Below -87 a it is exp(-87) in float, not 0. Throws nothing; x and y have n numbers and may be one.
template <std::floating_point T>
void decay(const T* x, T a, Index n, T* y) {
  const T inverse = 1 / a;
  if constexpr (std::same_as<T, float>) {
#pragma omp simd
    for (Index i = 0; i < n; ++i) y[i] = detail::exp_below_zero(detail::limited_to_decay(x[i] * inverse));
  } else {
    for (Index i = 0; i < n; ++i) y[i] = std::exp(std::min(x[i], T(0)) * inverse);
  }
}

}  // namespace pursuit::inline v0::kernels
