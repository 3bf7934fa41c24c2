// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <concepts>
#include <cstddef>
#include <span>

namespace pursuit::inline v0::loss {

/// Square near zero, straight beyond the threshold h, so that outliers pull no harder than others. With e = p - t:
///
///     L       = 1/N sum_k  e_k^2 / (2 h)  where |e_k| < h,  |e_k| - h / 2  elsewhere
///     dL/dp_k = 1/N clip(e_k / h, -1, 1)
///
/// Ref  Girshick 2015, "Fast R-CNN", eq. (3), for h = 1.
template <std::floating_point T = float>
struct SmoothL1 {
  using scalar = T;
  T threshold = 1;  ///< h, above 0

  T value(std::span<const T> prediction, std::span<const T> target) const {
    T sum = 0;
    for (std::size_t k = 0; k < prediction.size(); ++k) {
      const T size = std::abs(prediction[k] - target[k]);
      sum += size < threshold ? size * size / (2 * threshold) : size - threshold / 2;
    }
    return sum / static_cast<T>(prediction.size());
  }
  void gradient(std::span<const T> prediction, std::span<const T> target, std::span<T> d) const {
    const T share = 1 / static_cast<T>(prediction.size());
    for (std::size_t k = 0; k < prediction.size(); ++k) {
      const T slope = (prediction[k] - target[k]) / threshold;
      d[k] = share * (slope > 1 ? T(1) : slope < -1 ? T(-1) : slope);
    }
  }
};

}  // namespace pursuit::inline v0::loss
