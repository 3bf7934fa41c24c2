// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/kernels/pooling_training.hpp>
#include <pursuit/nn/gradients.hpp>

namespace pursuit::inline v0::nn {

/// The largest value of each window: see kernels/pooling.hpp.
struct MaxPool2d {
  kernels::PoolingOptions options{};

  template <class Builder>
  typename Builder::Value compile(Builder& builder, typename Builder::Value x) const {
    return builder.max_pool(x, options);
  }

  struct Cache {};

  Shape<4> output_shape(const Shape<4>& x) const { return kernels::pooling_shape("nn::MaxPool2d", x, options); }
  template <class T>
  void forward(const TensorView<const T, 4>& x, Cache&, const TensorView<T, 4>& y) const {
    kernels::max_pool(x, options, y);
  }
  template <class T>
  void backward(const TensorView<const T, 4>& x, const TensorView<const T, 4>& y, const TensorView<const T, 4>& dy,
                Cache&, const TensorView<T, 4>& dx, Gradients<T>&) const {
    if (dx.data != nullptr) kernels::max_pool_backward<T>(x, y, dy, options, dx);
  }
};

}  // namespace pursuit::inline v0::nn
