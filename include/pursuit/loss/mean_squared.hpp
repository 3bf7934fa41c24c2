// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
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
    T sum = 0;
    for (std::size_t k = 0; k < prediction.size(); ++k)
      sum += (prediction[k] - target[k]) * (prediction[k] - target[k]);
    return sum / static_cast<T>(prediction.size());
  }
  void gradient(std::span<const T> prediction, std::span<const T> target, std::span<T> d) const {
    const T factor = 2 / static_cast<T>(prediction.size());
    for (std::size_t k = 0; k < prediction.size(); ++k) d[k] = factor * (prediction[k] - target[k]);
  }
};

}  // namespace pursuit::inline v0::loss
