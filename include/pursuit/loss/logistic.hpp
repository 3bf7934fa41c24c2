// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/kernels/activation_training.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <span>

namespace pursuit::inline v0::loss {

/// Logistic loss over the cells of response maps, whose few positive cells weigh as much as all negative ones.
///
///     L       = sum_k w_k (softplus(s_k) - y_k s_k)       w_k = 1 / (2 n_positive) or 1 / (2 n_negative)
///     dL/ds_k = w_k (sigmoid(s_k) - y_k)                   since softplus' = sigmoid
///
/// Values  y_k is 1 (positive) or 0. Where one kind is missing the other weighs 1/2 in total.
/// Ref     Bertinetto et al. 2016, eq. (3) and (4), with labels 0 in place of -1.
template <std::floating_point T = float>
struct Logistic {
  using scalar = T;

  T value(std::span<const T> score, std::span<const T> label) const {
    const Weights weights(label);
    T sum = 0;
    for (std::size_t k = 0; k < score.size(); ++k)
      sum += weights(label[k]) * (softplus(score[k]) - label[k] * score[k]);
    return sum;
  }
  void gradient(std::span<const T> score, std::span<const T> label, std::span<T> d) const {
    const Weights weights(label);
    for (std::size_t k = 0; k < score.size(); ++k) d[k] = weights(label[k]) * (kernels::sigmoid(score[k]) - label[k]);
  }

 private:
  struct Weights {
    explicit Weights(std::span<const T> label) {
      const auto positives = static_cast<T>(std::ranges::count_if(label, [](T y) { return y > T(0.5); }));
      const T negatives = static_cast<T>(label.size()) - positives;
      positive = positives > 0 ? 1 / (2 * positives) : 0;
      negative = negatives > 0 ? 1 / (2 * negatives) : 0;
    }
    T operator()(T label) const { return label > T(0.5) ? positive : negative; }
    T positive, negative;
  };
  // log(1 + e^s) overflows in float past s = 88; this form does not.
  static T softplus(T s) { return std::max(s, T(0)) + std::log1p(std::exp(-std::abs(s))); }
};

}  // namespace pursuit::inline v0::loss
