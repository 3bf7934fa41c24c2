// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/kernels/activation_training.hpp>
#include <pursuit/nn/gradients.hpp>

namespace pursuit::inline v0::nn {

/// y = tanh(x). For training: plans for inference do not know it.
struct Tanh {
  template <class Builder>
  typename Builder::Value compile(Builder& builder, typename Builder::Value x) const {
    return builder.layer(x, *this);
  }

  struct Cache {};
  static constexpr bool backward_reads_x = false;
  static constexpr bool in_place = true;
  static constexpr bool gradient_in_place = true;

  Shape<4> output_shape(const Shape<4>& x) const { return x; }
  template <class T>
  void forward(const TensorView<const T, 4>& x, Cache&, const TensorView<T, 4>& y) const {
    kernels::hyperbolic_tangent(x.data, x.size(), y.data);
  }
  template <class T>
  void backward(const TensorView<const T, 4>&, const TensorView<const T, 4>& y, const TensorView<const T, 4>& dy,
                Cache&, const TensorView<T, 4>& dx, Gradients<T>&) const {
    if (dx.data != nullptr) kernels::hyperbolic_tangent_backward(y.data, dy.data, y.size(), dx.data);
  }
};

}  // namespace pursuit::inline v0::nn
