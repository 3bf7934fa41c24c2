// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/kernels/lrn_training.hpp>
#include <pursuit/nn/gradients.hpp>

namespace pursuit::inline v0::nn {

/// Local response normalisation across channels: see kernels/lrn.hpp.
struct LocalResponseNorm {
  kernels::LrnOptions options{};

  template <class Builder>
  typename Builder::Value compile(Builder& builder, typename Builder::Value x) const {
    return builder.lrn(x, options);
  }

  struct Cache {};
  static constexpr bool backward_reads_y = false;

  Shape<4> output_shape(const Shape<4>& x) const { return x; }
  template <class T>
  void forward(const TensorView<const T, 4>& x, Cache&, const TensorView<T, 4>& y) const {
    kernels::lrn(x, options, y);
  }
  template <class T>
  void backward(const TensorView<const T, 4>& x, const TensorView<const T, 4>&, const TensorView<const T, 4>& dy,
                Cache&, const TensorView<T, 4>& dx, Gradients<T>&) const {
    if (dx.data != nullptr) kernels::lrn_backward<T>(x, dy, options, dx);
  }
};

}  // namespace pursuit::inline v0::nn
