// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <span>

namespace pursuit::inline v0::optim {

/// Shortens a gradient to the length `limit` where it is longer, and says how long it was. One that is not finite is
/// left as it is: the caller sees that from the length.
template <class T>
double clip_norm(std::span<T> gradient, double limit) {
  double squares = 0;
#pragma omp simd reduction(+ : squares)
  for (std::size_t i = 0; i < gradient.size(); ++i)
    squares += static_cast<double>(gradient[i]) * static_cast<double>(gradient[i]);
  const double length = std::sqrt(squares);
  if (!std::isfinite(length) || length <= limit) return length;
  const T factor = static_cast<T>(limit / length);
  for (T& g : gradient) g *= factor;
  return length;
}

}  // namespace pursuit::inline v0::optim
