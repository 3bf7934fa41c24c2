// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/tensor.hpp>
#include <pursuit/kernels/activation.hpp>
#include <pursuit/kernels/reference/convolution.hpp>
#include <pursuit/kernels/reference/lrn.hpp>
#include <pursuit/kernels/reference/pooling.hpp>
#include <pursuit/kernels/reference/squeeze_excitation.hpp>
#include <pursuit/nn/batch_norm2d.hpp>
#include <pursuit/nn/conv2d.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

/// Walks the layers that a plan is compiled from with the plain loops, in double, nothing folded or fused: what a plan
/// must agree with.
class ReferenceWalk {
 public:
  using Value = pursuit::Tensor<double, 4>;
  using View = pursuit::TensorView<const double, 4>;

  template <class T>
  Value convolution(const Value& x, const pursuit::nn::Conv2d<T>& layer) {
    const pursuit::Tensor<double, 4> w(layer.weight);
    const pursuit::Tensor<double, 1> b(layer.bias);
    const pursuit::TensorView<const double, 1> bias =
        b.size() != 0 ? pursuit::TensorView<const double, 1>(b) : pursuit::TensorView<const double, 1>();
    Value y = pursuit::make_tensor<double, 4>(
        pursuit::kernels::convolution_shape("walk", View(x).shape, View(w).shape, layer.options));
    pursuit::kernels::reference::convolution<double>(x, w, bias, layer.options, y);
    return y;
  }

  template <class T>
  Value batch_norm(Value x, const pursuit::nn::BatchNorm2d<T>& norm) {
    const pursuit::Index cells = View(x).shape[2] * View(x).shape[3], channels = View(x).shape[1];
    for (pursuit::Index i = 0; i < View(x).size(); ++i) {
      const auto c = static_cast<std::size_t>(i / cells % channels);
      double& value = x.data()[i];
      value = (value - norm.running_mean(c)) / std::sqrt(norm.running_var(c) + norm.epsilon) * norm.weight(c) +
              norm.bias(c);
    }
    return x;
  }

  Value activation(Value x, pursuit::kernels::Activation activation) {
    pursuit::kernels::with_activation(activation, [&](auto a) {
      for (double& value : x) value = pursuit::kernels::activated<decltype(a)::value>(value);
    });
    return x;
  }

  /// What the slots of correlations hold, in the order in which layers are compiled.
  std::vector<Value> given;

  Value correlation(const Value& x, const pursuit::Shape<4>& weight, const pursuit::kernels::ConvolutionOptions& o) {
    const Value& w = given.at(slots_++);
    if (View(w).shape != weight) throw pursuit::ShapeError("ReferenceWalk: given weights of another shape");
    Value y =
        pursuit::make_tensor<double, 4>(pursuit::kernels::convolution_shape("walk", View(x).shape, View(w).shape, o));
    pursuit::kernels::reference::convolution<double>(x, w, {}, o, y);
    return y;
  }

  Value squeeze_excitation(Value x, const pursuit::kernels::SqueezeExcitation& weights) {
    pursuit::kernels::reference::squeeze_excitation<double>(x, weights, x);
    return x;
  }

  Value concatenate(const std::vector<Value>& parts) {
    pursuit::Shape<4> shape = View(parts[0]).shape;
    shape[1] = 0;
    for (const Value& part : parts) shape[1] += View(part).shape[1];
    Value y = pursuit::make_tensor<double, 4>(shape);
    double* to = y.data();
    for (pursuit::Index n = 0; n < shape[0]; ++n)
      for (const Value& part : parts) to = std::copy(View(part)[n].begin(), View(part)[n].end(), to);
    return y;
  }

  Value slice(const Value& x, int first, int count) {
    pursuit::Shape<4> shape = View(x).shape;
    shape[1] = count;
    Value y = pursuit::make_tensor<double, 4>(shape);
    double* to = y.data();
    for (pursuit::Index n = 0; n < shape[0]; ++n) {
      const auto part = View(x)[n].slice(first, first + count);
      to = std::copy(part.begin(), part.end(), to);
    }
    return y;
  }

  Value add(const Value& a, const Value& b) { return a + b; }

  Value max_pool(const Value& x, const pursuit::kernels::PoolingOptions& o) {
    Value y = pursuit::make_tensor<double, 4>(pursuit::kernels::pooling_shape("walk", View(x).shape, o));
    pursuit::kernels::reference::max_pool<double>(x, o, y);
    return y;
  }
  Value average_pool(const Value& x, const pursuit::kernels::PoolingOptions& o) {
    Value y = pursuit::make_tensor<double, 4>(pursuit::kernels::pooling_shape("walk", View(x).shape, o));
    pursuit::kernels::reference::average_pool<double>(x, o, y);
    return y;
  }
  Value lrn(const Value& x, const pursuit::kernels::LrnOptions& o) {
    Value y = x;
    pursuit::kernels::reference::lrn<double>(x, o, y);
    return y;
  }

 private:
  std::size_t slots_ = 0;
};
