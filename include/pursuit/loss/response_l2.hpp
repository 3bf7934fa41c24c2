// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <span>

namespace pursuit::inline v0::loss {

/// The squared distance of responses from their labels, summed over the cells of a map: what networks are trained by
/// whose last layer is a correlation filter (nn::FilterLayer).
///
///     L       = 1/maps sum_k (g_k - y_k)^2
///     dL/dg_k = 2/maps (g_k - y_k)
///
/// Ref  Wang et al. 2017 (DCFNet), eq. (4); Gao et al. 2020 (RAR), eq. (8).
template <std::floating_point T = float>
struct ResponseL2 {
  using scalar = T;
  int maps = 1;  ///< of the batch

  T value(std::span<const T> response, std::span<const T> label) const {
    T sum = 0;
    for (std::size_t k = 0; k < response.size(); ++k) sum += (response[k] - label[k]) * (response[k] - label[k]);
    return sum / static_cast<T>(maps);
  }
  void gradient(std::span<const T> response, std::span<const T> label, std::span<T> d) const {
    const T factor = 2 / static_cast<T>(maps);
    for (std::size_t k = 0; k < response.size(); ++k) d[k] = factor * (response[k] - label[k]);
  }
};

}  // namespace pursuit::inline v0::loss
