// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/kernels/pooling_training.hpp>
#include <pursuit/nn/gradients.hpp>

namespace pursuit::inline v0::nn {

/// The mean of each window, padding not counted: see kernels/pooling.hpp.
struct AvgPool2d {
  kernels::PoolingOptions options{};

  template <class Builder>
  typename Builder::Value compile(Builder& builder, typename Builder::Value x) const {
    return builder.average_pool(x, options);
  }

  struct Cache {};
  static constexpr bool backward_reads_x = false;
  static constexpr bool backward_reads_y = false;

  Shape<4> output_shape(const Shape<4>& x) const { return kernels::pooling_shape("nn::AvgPool2d", x, options); }
  template <class T>
  void forward(const TensorView<const T, 4>& x, Cache&, const TensorView<T, 4>& y) const {
    kernels::average_pool(x, options, y);
  }
  template <class T>
  void backward(const TensorView<const T, 4>&, const TensorView<const T, 4>&, const TensorView<const T, 4>& dy, Cache&,
                const TensorView<T, 4>& dx, Gradients<T>&) const {
    if (dx.data != nullptr) kernels::average_pool_backward<T>(dy, options, dx);
  }
};

}  // namespace pursuit::inline v0::nn
