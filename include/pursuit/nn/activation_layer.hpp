// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/kernels/activation_training.hpp>
#include <pursuit/nn/gradients.hpp>

namespace pursuit::inline v0::nn {

/// An activation that is known at run time; ReLU, ReLU6 and HardSwish are those by name.
struct ActivationLayer {
  kernels::Activation activation = kernels::Activation::relu;

  template <class Builder>
  typename Builder::Value compile(Builder& builder, typename Builder::Value x) const {
    return builder.activation(x, activation);
  }

  struct Cache {};
  static constexpr bool gradient_in_place = true;

  Shape<4> output_shape(const Shape<4>& x) const { return x; }
  template <class T>
  void forward(const TensorView<const T, 4>& x, Cache&, const TensorView<T, 4>& y) const {
    kernels::activate(x.data, x.size(), activation, y.data);
  }
  template <class T>
  void backward(const TensorView<const T, 4>& x, const TensorView<const T, 4>&, const TensorView<const T, 4>& dy,
                Cache&, const TensorView<T, 4>& dx, Gradients<T>&) const {
    if (dx.data != nullptr) kernels::activate_backward(x.data, dy.data, x.size(), activation, dx.data);
  }
};

/// One whose slope is known from its result, so that it may be written over its input.
template <kernels::Activation A>
struct ActivationInPlace {
  template <class Builder>
  typename Builder::Value compile(Builder& builder, typename Builder::Value x) const {
    return builder.activation(x, A);
  }

  struct Cache {};
  static constexpr bool backward_reads_x = false;
  static constexpr bool in_place = true;
  static constexpr bool gradient_in_place = true;

  Shape<4> output_shape(const Shape<4>& x) const { return x; }
  template <class T>
  void forward(const TensorView<const T, 4>& x, Cache&, const TensorView<T, 4>& y) const {
    kernels::activate(x.data, x.size(), A, y.data);
  }
  template <class T>
  void backward(const TensorView<const T, 4>&, const TensorView<const T, 4>& y, const TensorView<const T, 4>& dy,
                Cache&, const TensorView<T, 4>& dx, Gradients<T>&) const {
    if (dx.data != nullptr) kernels::activate_backward(y.data, dy.data, y.size(), A, dx.data);
  }
};

}  // namespace pursuit::inline v0::nn
