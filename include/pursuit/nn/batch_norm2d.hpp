// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/tensor.hpp>
#include <pursuit/kernels/batch_norm.hpp>
#include <pursuit/nn/gradients.hpp>

#include <cmath>
#include <concepts>
#include <cstddef>
#include <string>

namespace pursuit::inline v0::nn {

/// Batch normalisation by the statistics that training gathered:
///
///     y[c] = weight[c] (x[c] - running_mean[c]) / sqrt(running_var[c] + epsilon) + bias[c]
///
/// In training, mean and variance are those of the batch itself, unless the cache says that the gathered ones are used.
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

  struct Cache {
    bool running = false;  ///< use the gathered statistics: set by the caller before forward()
    Tensor<T, 1> mean{}, variance{}, inverse{};
    Index count = 0;  ///< cells of a channel in the batch
  };
  static constexpr bool backward_reads_y = false;
  static constexpr bool gradient_in_place = true;

  Shape<4> output_shape(const Shape<4>& x) const {
    if (x[1] != static_cast<Index>(weight.size()))
      throw ShapeError(concat("nn::BatchNorm2d: input ", x, ": need ", weight.size(), " channels"));
    return x;
  }
  void forward(const TensorView<const T, 4>& x, Cache& cache, const TensorView<T, 4>& y) const {
    cache.count = x.shape[0] * x.shape[2] * x.shape[3];
    if (cache.running) {
      cache.mean = running_mean;
      cache.variance = running_var;
    } else {
      reshape_to(cache.mean, {x.shape[1]});
      reshape_to(cache.variance, {x.shape[1]});
      kernels::batch_moments<T>(x, cache.mean, cache.variance);
    }
    cache.inverse = cache.variance;
    for (T& v : cache.inverse) v = 1 / std::sqrt(v + static_cast<T>(epsilon));
    kernels::batch_norm<T>(x, {cache.mean, cache.inverse}, weight, bias, y);
  }
  void backward(const TensorView<const T, 4>& x, const TensorView<const T, 4>&, const TensorView<const T, 4>& dy,
                Cache& cache, const TensorView<T, 4>& dx, Gradients<T>& gradients) const {
    kernels::batch_norm_backward<T>(x, dy, {cache.mean, cache.inverse}, weight, cache.running, dx, gradients.of(weight),
                                    gradients.of(bias));
  }
  /// Moves the gathered statistics towards those of the batch in the cache; the variance without its bias, as PyTorch
  /// does.
  void gather(const Cache& cache, double momentum = 0.1) {
    if (cache.running) return;
    const auto n = static_cast<double>(cache.count);
    const T share = static_cast<T>(momentum), unbiased = static_cast<T>(cache.count > 1 ? n / (n - 1) : 1);
    for (std::size_t c = 0; c < weight.size(); ++c) {
      running_mean(c) += share * (cache.mean(c) - running_mean(c));
      running_var(c) += share * (cache.variance(c) * unbiased - running_var(c));
    }
  }

  double epsilon;
  Tensor<T, 1> weight;
  Tensor<T, 1> bias;
  Tensor<T, 1> running_mean;
  Tensor<T, 1> running_var;
};

}  // namespace pursuit::inline v0::nn
