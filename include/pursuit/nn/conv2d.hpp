// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/tensor.hpp>
#include <pursuit/kernels/convolution_training.hpp>
#include <pursuit/kernels/layer_options.hpp>
#include <pursuit/nn/gradients.hpp>

#include <concepts>
#include <optional>
#include <string>

namespace pursuit::inline v0::nn {

/// A convolution with what it learns.
///
/// Shapes  weight (outputs, inputs / groups, kernel, kernel), bias (outputs) or empty. See kernels/convolution.hpp.
template <std::floating_point T = float>
struct Conv2d {
  struct Options {
    int stride = 1;
    int padding = 0;
    int dilation = 1;
    int groups = 1;
    bool bias = true;
    bool same = false;  ///< padding by TensorFlow's rule: kernels::ConvolutionOptions
  };

  Conv2d(int inputs, int outputs, int kernel) : Conv2d(inputs, outputs, kernel, Options{}) {}
  /// Throws ShapeError unless both numbers of channels divide into the groups.
  Conv2d(int inputs, int outputs, int kernel, const Options& o)
      : options{.stride = o.stride, .padding = o.padding, .dilation = o.dilation, .groups = o.groups, .same = o.same} {
    if (inputs < 1 || outputs < 1 || kernel < 1 || o.groups < 1 || inputs % o.groups != 0 || outputs % o.groups != 0)
      throw ShapeError(concat("nn::Conv2d: ", inputs, " to ", outputs, " channels, kernel ", kernel, ", ", o.groups,
                              " groups: need positive numbers, and channels that divide into the groups"));
    weight = make_tensor<T, 4>({outputs, inputs / o.groups, kernel, kernel});
    bias = make_tensor<T, 1>({o.bias ? outputs : 0});
  }

  template <class Visit>
  void parameters(Visit&& visit, const std::string& prefix = {}) {
    visit(prefix + "weight", weight);
    if (bias.size() != 0) visit(prefix + "bias", bias);
  }

  template <class Builder>
  typename Builder::Value compile(Builder& builder, typename Builder::Value x) const {
    return builder.convolution(x, *this);
  }

  /// The kernel for the shape of input that came last.
  struct Cache {
    std::optional<kernels::TrainingConvolution<T>> kernel;
  };
  static constexpr bool backward_reads_y = false;

  Shape<4> output_shape(const Shape<4>& x) const {
    return kernels::convolution_shape("nn::Conv2d", x, TensorView<const T, 4>(weight).shape, options);
  }
  void forward(const TensorView<const T, 4>& x, Cache& cache, const TensorView<T, 4>& y) const {
    if (!cache.kernel || cache.kernel->src_shape() != x.shape)
      cache.kernel.emplace(x.shape, TensorView<const T, 4>(weight).shape, options);
    cache.kernel->forward(x, weight, bias.size() != 0 ? TensorView<const T, 1>(bias) : TensorView<const T, 1>(), y);
  }
  /// Pre: forward() filled the cache.
  void backward(const TensorView<const T, 4>& x, const TensorView<const T, 4>&, const TensorView<const T, 4>& dy,
                Cache& cache, const TensorView<T, 4>& dx, Gradients<T>& gradients) const {
    if (const auto dweight = gradients.of(weight); dweight.data != nullptr)
      cache.kernel->backward_weights(x, dy, dweight);
    if (const auto dbias = gradients.of(bias); dbias.data != nullptr) cache.kernel->backward_bias(dy, dbias);
    if (dx.data != nullptr) cache.kernel->backward_data(dy, weight, dx);
  }

  kernels::ConvolutionOptions options;
  Tensor<T, 4> weight;
  Tensor<T, 1> bias;
};

}  // namespace pursuit::inline v0::nn
