// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <span>

namespace pursuit::inline v0::optim {

/// Shortens a gradient to the length `limit` where it is longer, and says how long it was. One that is not finite is
/// left as it is: the caller sees that from the length.
template <class T>
double clip_norm(std::span<T> gradient, double limit) {
  double squares = 0;
  for (const T g : gradient) squares += static_cast<double>(g) * static_cast<double>(g);
  const double length = std::sqrt(squares);
  if (!std::isfinite(length) || length <= limit) return length;
  const T factor = static_cast<T>(limit / length);
  for (T& g : gradient) g *= factor;
  return length;
}

}  // namespace pursuit::inline v0::optim
