// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/nn/activation_layer.hpp>
#include <pursuit/nn/avg_pool2d.hpp>
#include <pursuit/nn/batch_norm2d.hpp>
#include <pursuit/nn/conv2d.hpp>
#include <pursuit/nn/local_response_norm.hpp>
#include <pursuit/nn/max_pool2d.hpp>
#include <pursuit/nn/relu.hpp>
#include <pursuit/nn/relu6.hpp>
#include <pursuit/nn/training_products.hpp>
#include <pursuit/nn/training_steps.hpp>

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace pursuit::inline v0::nn {

/// Writes layers down as the steps of a training pass, one for each layer, nothing folded or fused.
///
/// Layers call it from compile(builder, value), as they call PlanBuilder. Layers with parameters are referred to, so
/// they must be members of the network and not made within compile().
template <std::floating_point T>
class TrainingBuilder {
 public:
  struct Value {
    std::size_t number = 0;
    bool operator==(const Value&) const = default;
  };
  using Steps = std::vector<std::unique_ptr<detail::TrainingStep<T>>>;

  /// For a network of so many inputs.
  explicit TrainingBuilder(std::size_t inputs = 1) : inputs_(inputs) {}

  Value input(std::size_t i = 0) const { return {i}; }
  void output(Value value) { outputs_.push_back(value.number); }

  /// Any trainable layer with parameters; it is referred to.
  template <class Layer>
  Value layer(Value x, const Layer& layer) {
    if constexpr (std::is_empty_v<Layer>) {
      return append(std::make_unique<detail::LayerStep<T, Layer>>(layer), {x});
    } else {
      // compile() is const, and the network is not: TrainingPlan takes it so.
      return append(std::make_unique<detail::LayerStep<T, Layer&>>(const_cast<Layer&>(layer)), {x});
    }
  }

  template <class U>
  Value convolution(Value x, const Conv2d<U>& conv) {
    return layer(x, conv);
  }
  template <class U>
  Value batch_norm(Value x, const BatchNorm2d<U>& norm) {
    return layer(x, norm);
  }
  Value activation(Value x, kernels::Activation activation) {
    if (activation == kernels::Activation::relu) return layer(x, ReLU{});
    if (activation == kernels::Activation::relu6) return layer(x, ReLU6{});
    return copy(x, ActivationLayer{activation});
  }
  Value max_pool(Value x, const kernels::PoolingOptions& options) { return copy(x, MaxPool2d{options}); }
  Value average_pool(Value x, const kernels::PoolingOptions& options) { return copy(x, AvgPool2d{options}); }
  Value lrn(Value x, const kernels::LrnOptions& options) { return copy(x, LocalResponseNorm{options}); }

  Value add(Value a, Value b) { return append(std::make_unique<detail::AddStep<T>>(), {a, b}); }
  Value concatenate(const std::vector<Value>& parts) {
    return append(std::make_unique<detail::ConcatenateStep<T>>(), parts);
  }
  Value slice(Value x, int first, int count) {
    return append(std::make_unique<detail::SliceStep<T>>(first, count), {x});
  }

  /// x (N,C,H,W) times v (N,C,1,1).
  Value scale(Value x, Value v) { return append(std::make_unique<detail::ScaleStep<T>>(), {x, v}); }
  /// Precise pooling (kernels/pr_roi_pool.hpp) of each image over boxes of its own: x (N,C,H,W), boxes (N,R,4,1) as
  /// x1, y1, x2, y2 in pixels -> (N R, C, rows, columns). Boxes have a gradient too.
  Value pool(Value x, Value boxes, const kernels::RoiOptions& options) {
    return append(std::make_unique<detail::RoiPoolStep<T>>(options), {x, boxes});
  }
  /// Each exemplar z (N,C,h,w) over its own search map x (N,C,H,W): (N,1,H-h+1,W-w+1), times a factor.
  Value cross_correlation(Value z, Value x, double factor = 1) {
    return append(std::make_unique<detail::CorrelationStep<T>>(static_cast<T>(factor)), {z, x});
  }

  /// These have no training form: weights that are made within compile(), as squeeze-excitation's can be, and weights
  /// that come later.
  template <class Weights>
  Value squeeze_excitation(Value, const Weights&) {
    throw Error("nn::TrainingPlan: a squeeze-excitation can be trained as nn::SqueezeExcitation only");
  }
  Value correlation(Value, const Shape<4>&, const kernels::ConvolutionOptions&) {
    throw Error("nn::TrainingPlan: weights that are given later cannot be trained: see cross_correlation_backward");
  }

  std::size_t inputs() const { return inputs_; }
  Steps take_steps() { return std::move(steps_); }
  std::vector<std::size_t> take_outputs() { return std::move(outputs_); }

 private:
  template <class Layer>
  Value copy(Value x, const Layer& layer) {
    return append(std::make_unique<detail::LayerStep<T, Layer>>(layer), {x});
  }
  Value append(std::unique_ptr<detail::TrainingStep<T>> step, const std::vector<Value>& reads) {
    for (const Value v : reads) step->reads.push_back(v.number);
    steps_.push_back(std::move(step));
    return {inputs_ + steps_.size() - 1};
  }

  std::size_t inputs_;
  Steps steps_;
  std::vector<std::size_t> outputs_;
};

}  // namespace pursuit::inline v0::nn
