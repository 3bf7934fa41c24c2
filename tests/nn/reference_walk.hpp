// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/tensor.hpp>
#include <pursuit/kernels/reference/convolution.hpp>
#include <pursuit/kernels/reference/lrn.hpp>
#include <pursuit/kernels/reference/pooling.hpp>
#include <pursuit/nn/batch_norm2d.hpp>
#include <pursuit/nn/conv2d.hpp>

#include <algorithm>
#include <cmath>

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

  Value relu(Value x) {
    for (double& value : x) value = std::max(value, 0.0);
    return x;
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
};
