// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/loss/response_l2.hpp>

#include <concepts>
#include <span>

namespace pursuit::inline v0::loss {

/// The mean of squared errors: what an IoU-Net is trained by, on targets 2 IoU - 1.
///
///     L       = 1/N sum_k (p_k - t_k)^2
///     dL/dp_k = 2/N (p_k - t_k)
template <std::floating_point T = float>
struct MeanSquared {
  using scalar = T;

  T value(std::span<const T> prediction, std::span<const T> target) const {
    return sum_over(prediction).value(prediction, target);
  }
  void gradient(std::span<const T> prediction, std::span<const T> target, std::span<T> d) const {
    sum_over(prediction).gradient(prediction, target, d);
  }

 private:
  static ResponseL2<T> sum_over(std::span<const T> numbers) { return {.maps = static_cast<int>(numbers.size())}; }
};

}  // namespace pursuit::inline v0::loss
