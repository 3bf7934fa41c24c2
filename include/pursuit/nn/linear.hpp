// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/kernels/matrix_product.hpp>
#include <pursuit/nn/gradients.hpp>

#include <algorithm>
#include <concepts>
#include <string>

namespace pursuit::inline v0::nn {

/// A fully connected layer with what it learns: y[n,o] = bias[o] + sum_i weight[o,i] x[n,i].
///
/// In training it reads all channels and cells of a map as one row: plans for inference do not know it.
///
/// Shapes  weight (outputs, inputs), bias (outputs); x (N,C,H,W) with C H W inputs -> y (N,outputs,1,1).
template <std::floating_point T = float>
struct Linear {
  /// Throws ShapeError unless both numbers are positive.
  Linear(int inputs, int outputs) {
    if (inputs < 1 || outputs < 1)
      throw ShapeError(concat("nn::Linear: ", inputs, " inputs, ", outputs, " outputs: need positive numbers"));
    weight = make_tensor<T, 2>({outputs, inputs});
    bias = make_tensor<T, 1>({outputs});
  }

  template <class Visit>
  void parameters(Visit&& visit, const std::string& prefix = {}) {
    visit(prefix + "weight", weight);
    visit(prefix + "bias", bias);
  }

  template <class Builder>
  typename Builder::Value compile(Builder& builder, typename Builder::Value x) const {
    return builder.layer(x, *this);
  }

  struct Cache {};
  static constexpr bool backward_reads_y = false;

  Shape<4> output_shape(const Shape<4>& x) const {
    if (volume(x) != x[0] * static_cast<Index>(weight.shape()[1]))
      throw ShapeError(concat("nn::Linear: input ", x, ": need ", weight.shape()[1], " numbers for each image"));
    return {x[0], static_cast<Index>(weight.shape()[0]), 1, 1};
  }
  void forward(const TensorView<const T, 4>& x, Cache&, const TensorView<T, 4>& y) const {
    for (Index n = 0; n < y.shape[0]; ++n) std::copy(bias.begin(), bias.end(), y[n].data);
    kernels::matrix_product(rows(x), TensorView<const T, 2>(weight), rows(y), {.transpose_b = true, .add = true});
  }
  void backward(const TensorView<const T, 4>& x, const TensorView<const T, 4>&, const TensorView<const T, 4>& dy,
                Cache&, const TensorView<T, 4>& dx, Gradients<T>& gradients) const {
    if (const auto dweight = gradients.of(weight); dweight.data != nullptr)
      kernels::matrix_product(rows(dy), rows(x), dweight, {.transpose_a = true, .add = true});
    if (const auto dbias = gradients.of(bias); dbias.data != nullptr)
      for (Index n = 0; n < dy.shape[0]; ++n)
        for (Index o = 0; o < dbias.shape[0]; ++o) dbias(o) += dy[n].data[o];
    if (dx.data != nullptr) kernels::matrix_product(rows(dy), TensorView<const T, 2>(weight), rows(dx));
  }

  Tensor<T, 2> weight;
  Tensor<T, 1> bias;

 private:
  template <class U>
  static TensorView<U, 2> rows(const TensorView<U, 4>& x) {
    return {x.data, {x.shape[0], x.size() / x.shape[0]}};
  }
};

}  // namespace pursuit::inline v0::nn
