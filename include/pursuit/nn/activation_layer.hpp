// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/kernels/activation_training.hpp>
#include <pursuit/nn/elementwise.hpp>
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

/// One whose slope is known from its result.
template <kernels::Activation A>
struct ActivationInPlace : Elementwise<ActivationInPlace<A>> {
  template <class Builder>
  typename Builder::Value compile(Builder& builder, typename Builder::Value x) const {
    return builder.activation(x, A);
  }
  template <class T>
  static void run(const T* x, Index count, T* y) {
    kernels::activate(x, count, A, y);
  }
  template <class T>
  static void run_backward(const T* y, const T* dy, Index count, T* dx) {
    kernels::activate_backward(y, dy, count, A, dx);
  }
};

}  // namespace pursuit::inline v0::nn
