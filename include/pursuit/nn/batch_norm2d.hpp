// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/tensor.hpp>

#include <concepts>
#include <string>

namespace pursuit::inline v0::nn {

/// Batch normalisation by the statistics that training gathered:
///
///     y[c] = weight[c] (x[c] - running_mean[c]) / sqrt(running_var[c] + epsilon) + bias[c]
///
/// Shapes  weight, bias, running_mean, running_var (channels).
/// Ref     Ioffe and Szegedy 2015.
template <std::floating_point T = float>
struct BatchNorm2d {
  explicit BatchNorm2d(int channels, double eps = 1e-5)
      : epsilon(eps),
        weight(make_tensor<T, 1>({channels}, T(1))),
        bias(make_tensor<T, 1>({channels})),
        running_mean(make_tensor<T, 1>({channels})),
        running_var(make_tensor<T, 1>({channels}, T(1))) {}

  template <class Visit>
  void parameters(Visit&& visit, const std::string& prefix = {}) {
    visit(prefix + "weight", weight);
    visit(prefix + "bias", bias);
  }
  template <class Visit>
  void buffers(Visit&& visit, const std::string& prefix = {}) {
    visit(prefix + "running_mean", running_mean);
    visit(prefix + "running_var", running_var);
  }

  template <class Builder>
  typename Builder::Value compile(Builder& builder, typename Builder::Value x) const {
    return builder.batch_norm(x, *this);
  }

  double epsilon;
  Tensor<T, 1> weight;
  Tensor<T, 1> bias;
  Tensor<T, 1> running_mean;
  Tensor<T, 1> running_var;
};

}  // namespace pursuit::inline v0::nn
