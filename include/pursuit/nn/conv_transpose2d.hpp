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

/// A transposed convolution with what it learns: the data gradient of a convolution from its output to its input.
///
///     y[n,c,r,s] = bias[c] + sum over all i, u with i stride - padding + u dilation = r, and j, v and s likewise, of
///                  weight[k,c,u,v] x[n,k,i,j], over all k of c's group
///     H' = (H - 1) stride - 2 padding + (kernel - 1) dilation + 1 + output_padding
///
/// For training: plans for inference do not know it.
///
/// Shapes  weight (inputs, outputs / groups, kernel, kernel), bias (outputs) or empty.
template <std::floating_point T = float>
struct ConvTranspose2d {
  struct Options {
    int stride = 1;
    int padding = 0;
    int output_padding = 0;  ///< rows and columns more, below the stride
    int dilation = 1;
    int groups = 1;
    bool bias = true;
  };

  ConvTranspose2d(int inputs, int outputs, int kernel) : ConvTranspose2d(inputs, outputs, kernel, Options{}) {}
  /// Throws ShapeError unless both numbers of channels divide into the groups and output_padding is below the stride.
  ConvTranspose2d(int inputs, int outputs, int kernel, const Options& o)
      : options{.stride = o.stride, .padding = o.padding, .dilation = o.dilation, .groups = o.groups},
        output_padding(o.output_padding) {
    if (inputs < 1 || outputs < 1 || kernel < 1 || o.groups < 1 || inputs % o.groups != 0 || outputs % o.groups != 0)
      throw ShapeError(concat("nn::ConvTranspose2d: ", inputs, " to ", outputs, " channels, kernel ", kernel, ", ",
                              o.groups, " groups: need positive numbers, and channels that divide into the groups"));
    if (o.stride < 1 || o.padding < 0 || o.dilation < 1 || o.output_padding < 0 || o.output_padding >= o.stride)
      throw ShapeError(concat("nn::ConvTranspose2d: stride ", o.stride, ", padding ", o.padding, ", dilation ",
                              o.dilation, ", output padding ", o.output_padding,
                              ": need positive numbers, and an output padding below the stride"));
    weight = make_tensor<T, 4>({inputs, outputs / o.groups, kernel, kernel});
    bias = make_tensor<T, 1>({o.bias ? outputs : 0});
  }

  template <class Visit>
  void parameters(Visit&& visit, const std::string& prefix = {}) {
    visit(prefix + "weight", weight);
    if (bias.size() != 0) visit(prefix + "bias", bias);
  }

  template <class Builder>
  typename Builder::Value compile(Builder& builder, typename Builder::Value x) const {
    return builder.layer(x, *this);
  }

  /// The convolution from y to x, for the shape of input that came last.
  struct Cache {
    std::optional<kernels::TrainingConvolution<T>> kernel;
  };
  static constexpr bool backward_reads_y = false;

  Shape<4> output_shape(const Shape<4>& x) const {
    const Shape<4> w = TensorView<const T, 4>(weight).shape;
    const auto side = [&](Index cells, Index kernel) {
      return (cells - 1) * options.stride - 2 * options.padding + (kernel - 1) * options.dilation + 1 + output_padding;
    };
    const Shape<4> y{x[0], w[1] * options.groups, side(x[2], w[2]), side(x[3], w[3])};
    if (x[1] != w[0] || x[2] < 1 || x[3] < 1 || y[2] < 1 || y[3] < 1)
      throw ShapeError(concat("nn::ConvTranspose2d: input ", x, " with weights ", w, " gives ", y, ": need ", w[0],
                              " channels and a result"));
    return y;
  }
  void forward(const TensorView<const T, 4>& x, Cache& cache, const TensorView<T, 4>& y) const {
    if (!cache.kernel || cache.kernel->dst_shape() != x.shape || cache.kernel->src_shape() != y.shape)
      cache.kernel.emplace(y.shape, TensorView<const T, 4>(weight).shape, options);
    cache.kernel->backward_data(x, weight, y);
    if (bias.size() == 0) return;
    const Index cells = y.shape[2] * y.shape[3];
    for (Index plane = 0; plane < y.shape[0] * y.shape[1]; ++plane) {
      const T value = bias(static_cast<std::size_t>(plane % y.shape[1]));
      T* const to = y.data + plane * cells;
      for (Index i = 0; i < cells; ++i) to[i] += value;
    }
  }
  /// Pre: forward() filled the cache.
  void backward(const TensorView<const T, 4>& x, const TensorView<const T, 4>&, const TensorView<const T, 4>& dy,
                Cache& cache, const TensorView<T, 4>& dx, Gradients<T>& gradients) const {
    if (const auto dweight = gradients.of(weight); dweight.data != nullptr)
      cache.kernel->backward_weights(dy, x, dweight);
    if (const auto dbias = gradients.of(bias); dbias.data != nullptr) cache.kernel->backward_bias(dy, dbias);
    if (dx.data != nullptr) cache.kernel->forward(dy, weight, {}, dx);
  }

  kernels::ConvolutionOptions options;
  int output_padding = 0;
  Tensor<T, 4> weight;
  Tensor<T, 1> bias;
};

}  // namespace pursuit::inline v0::nn
