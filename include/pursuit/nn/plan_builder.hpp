// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/tensor.hpp>
#include <pursuit/kernels/network_definition.hpp>
#include <pursuit/nn/batch_norm2d.hpp>
#include <pursuit/nn/conv2d.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

namespace pursuit::inline v0::nn {

/// Writes layers down as the operations of a network for inference, which are fewer: batch norm becomes part of the
/// convolution before it, activations and the addition of a shortcut happen while a convolution writes its result.
///
/// Layers call it from compile(builder, value). Whatever has the same member functions can walk the same layers.
class PlanBuilder {
 public:
  using Value = kernels::Value;
  using Node = kernels::Node;

  explicit PlanBuilder(int channels) : definition_(channels) {}

  Value input() const { return definition_.input(); }
  void output(Value value) { definition_.output(value); }
  kernels::NetworkDefinition take() { return std::move(definition_); }

  template <class T>
  Value convolution(Value x, const Conv2d<T>& layer) {
    Node node{.kind = Node::Kind::convolution, .reads = {x}, .convolution = layer.options};
    node.weight = layer.weight;
    node.bias = layer.bias;
    return definition_.append(std::move(node));
  }

  template <class T>
  Value batch_norm(Value x, const BatchNorm2d<T>& norm) {
    if (!is_open_convolution(x) || definition_[x].given) x = identity(x);
    Node& node = definition_[x];
    const std::size_t outputs = node.weight.shape()[0], taps = node.weight.size() / outputs;
    if (norm.weight.size() != outputs)
      throw ShapeError(concat("nn::BatchNorm2d: ", norm.weight.size(), " channels after a value of ", outputs));
    if (node.bias.size() == 0) node.bias = make_tensor<float, 1>({static_cast<Index>(outputs)});
    for (std::size_t c = 0; c < outputs; ++c) {
      const double factor = norm.weight(c) / std::sqrt(static_cast<double>(norm.running_var(c)) + norm.epsilon);
      for (std::size_t i = c * taps; i < (c + 1) * taps; ++i)
        node.weight.data()[i] = static_cast<float>(node.weight.data()[i] * factor);
      node.bias(c) = static_cast<float>((node.bias(c) - norm.running_mean(c)) * factor + norm.bias(c));
    }
    return x;
  }

  Value activation(Value x, kernels::Activation activation) {
    // ReLU never falls, so it may come before a maximum as well as after it, and then is part of the convolution.
    const bool never_falls = activation == kernels::Activation::relu || activation == kernels::Activation::relu6;
    const bool before = never_falls && definition_[x].kind == Node::Kind::max_pool && definition_.readers(x) == 0;
    const Value at = before ? definition_[x].reads[0] : x;
    Node& node = definition_[at];
    const bool can_end_in_one = node.kind == Node::Kind::convolution || node.kind == Node::Kind::squeeze_excitation;
    if (can_end_in_one && node.activation == kernels::Activation::none &&
        definition_.readers(at) == (before ? 1U : 0U)) {
      node.activation = activation;
      return x;
    }
    return definition_.append({.kind = Node::Kind::activation, .reads = {x}, .activation = activation});
  }

  /// A convolution whose weights, of the given shape, come later: by `nn::Plan::give`, numbered in the order of these
  /// calls.
  Value correlation(Value x, const Shape<4>& weight, const kernels::ConvolutionOptions& options) {
    return definition_.append(
        {.kind = Node::Kind::convolution, .reads = {x}, .convolution = options, .given = true, .given_shape = weight});
  }

  Value squeeze_excitation(Value x, kernels::SqueezeExcitation weights) {
    Node node{.kind = Node::Kind::squeeze_excitation, .reads = {x}};
    node.squeeze = std::move(weights);
    return definition_.append(std::move(node));
  }

  /// The channels of all of them, one after the other.
  Value concatenate(std::vector<Value> parts) {
    Node node{.kind = Node::Kind::concatenate};
    node.reads = std::move(parts);
    return definition_.append(std::move(node));
  }

  /// Channels [first, first + count).
  Value slice(Value x, int first, int count) {
    return definition_.append({.kind = Node::Kind::slice, .channels = count, .reads = {x}, .first = first});
  }

  /// a + b. The later one takes the earlier one in where it is a convolution that nobody has read yet.
  Value add(Value a, Value b) {
    if (a.node < b.node) std::swap(a, b);
    if (a != b && is_open_convolution(a) && definition_[a].channels == definition_[b].channels) {
      definition_[a].reads.push_back(b);
      return a;
    }
    return definition_.append({.kind = Node::Kind::add, .reads = {a, b}});
  }

  Value max_pool(Value x, const kernels::PoolingOptions& options) {
    return definition_.append({.kind = Node::Kind::max_pool, .reads = {x}, .pooling = options});
  }
  Value average_pool(Value x, const kernels::PoolingOptions& options) {
    return definition_.append({.kind = Node::Kind::average_pool, .reads = {x}, .pooling = options});
  }
  Value lrn(Value x, const kernels::LrnOptions& options) {
    return definition_.append({.kind = Node::Kind::lrn, .reads = {x}, .lrn = options});
  }

 private:
  // A convolution whose plain result nobody else reads: it can still be changed.
  bool is_open_convolution(Value x) const {
    const Node& node = definition_[x];
    return node.kind == Node::Kind::convolution && node.activation == kernels::Activation::none &&
           node.reads.size() == 1 && definition_.readers(x) == 0;
  }

  // A 1 x 1 convolution of each channel with itself, for a batch norm that follows something else.
  Value identity(Value x) {
    const int channels = definition_[x].channels;
    Node node{.kind = Node::Kind::convolution, .reads = {x}, .convolution = {.groups = channels}};
    node.weight = make_tensor<float, 4>({channels, 1, 1, 1}, 1.0F);
    return definition_.append(std::move(node));
  }

  kernels::NetworkDefinition definition_;
};

}  // namespace pursuit::inline v0::nn
