// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/tensor_view.hpp>
#include <pursuit/nn/gradients.hpp>

namespace pursuit::inline v0::nn {

/// What layers have in common that change each number for itself and know the slope from the result, so that they may
/// be written over their input. Plans for inference do not know them, unless the layer has a compile() of its own.
///
/// Layer   run(x, count, y) and run_backward(y, dy, count, dx), of pointers to `count` numbers, both static
template <class Layer>
struct Elementwise {
  template <class Builder>
  typename Builder::Value compile(Builder& builder, typename Builder::Value x) const {
    return builder.layer(x, static_cast<const Layer&>(*this));
  }

  struct Cache {};
  static constexpr bool backward_reads_x = false;
  static constexpr bool in_place = true;
  static constexpr bool gradient_in_place = true;

  Shape<4> output_shape(const Shape<4>& x) const { return x; }
  template <class T>
  void forward(const TensorView<const T, 4>& x, Cache&, const TensorView<T, 4>& y) const {
    Layer::run(x.data, x.size(), y.data);
  }
  template <class T>
  void backward(const TensorView<const T, 4>&, const TensorView<const T, 4>& y, const TensorView<const T, 4>& dy,
                Cache&, const TensorView<T, 4>& dx, Gradients<T>&) const {
    if (dx.data != nullptr) Layer::run_backward(y.data, dy.data, y.size(), dx.data);
  }
};

}  // namespace pursuit::inline v0::nn
