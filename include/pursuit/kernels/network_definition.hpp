// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/tensor.hpp>
#include <pursuit/kernels/layer_options.hpp>
#include <pursuit/kernels/squeeze_excitation.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace pursuit::inline v0::kernels {

/// What an operation of a network gives: a handle into its definition.
struct Value {
  std::size_t node = 0;
  friend bool operator==(const Value&, const Value&) = default;
};

/// One operation of a network.
struct Node {
  enum class Kind {
    input,
    convolution,
    max_pool,
    average_pool,
    lrn,
    squeeze_excitation,
    activation,
    add,
    concatenate,  ///< channels
    slice         ///< some of the channels
  };

  Kind kind = Kind::input;
  int channels = 0;            ///< of what it gives
  std::vector<Value> reads{};  ///< its operands; the second one of a convolution is added to its result
  ConvolutionOptions convolution{};
  Activation activation = Activation::none;  ///< of what a convolution (after the addition), a squeeze-excitation or
                                             ///< the operation `activation` gives
  Tensor<float, 4> weight{};                 ///< (O, C / groups, kh, kw)
  Tensor<float, 1> bias{};                   ///< (O), or empty
  bool given = false;              ///< the weights of this convolution come when the network exists (`Network::give`)
  Shape<4> given_shape{};          ///< ... and have this shape
  std::size_t slot = 0;            ///< ... and this number, which append() fills in
  Tensor<float, 1> weight_bias{};  ///< of a given one that was folded: see fold_pointwise()
  int first = 0;                   ///< channel of a slice, which takes `channels` of them
  SqueezeExcitation squeeze{};
  PoolingOptions pooling{};
  LrnOptions lrn{};

  /// Of a convolution: (O, C / groups, kh, kw).
  Shape<4> weight_shape() const {
    if (given) return given_shape;
    Shape<4> shape{};
    std::copy(weight.shape().begin(), weight.shape().end(), shape.begin());
    return shape;
  }
};

/// A network as a list of operations, each reading earlier ones, without sizes of images: what `Network` executes.
/// It is plain data: shapes of weights are checked here, everything else where a size is given.
class NetworkDefinition {
 public:
  /// Begins with the one input, of so many channels.
  explicit NetworkDefinition(int channels) { nodes_.push_back({.channels = channels}); }

  Value input() const { return {0}; }

  /// Appends an operation; `channels` and `slot` are filled in, slots in the order of these calls. Throws ShapeError
  /// unless the weights fit the operands' channels.
  Value append(Node node) {
    if (node.reads.empty()) throw Error("kernels::NetworkDefinition: an operation that reads nothing");
    for (Value read : node.reads)
      if (read.node >= nodes_.size()) throw Error("kernels::NetworkDefinition: an operand that does not exist yet");
    const int channels = nodes_[node.reads[0].node].channels;
    if (node.kind == Node::Kind::slice)
      check_slice(node, channels);
    else
      node.channels = channels;
    if (node.kind == Node::Kind::convolution) node.channels = check_convolution(node, channels);
    if (node.kind == Node::Kind::squeeze_excitation) check_squeeze(node.squeeze, channels);
    for (std::size_t i = 1; i < node.reads.size(); ++i)
      if (node.kind == Node::Kind::concatenate)
        node.channels += nodes_[node.reads[i].node].channels;
      else if (nodes_[node.reads[i].node].channels != node.channels)
        throw ShapeError(concat("kernels::NetworkDefinition: cannot add ", nodes_[node.reads[i].node].channels,
                                " channels to ", node.channels));
    if (node.given) {
      node.slot = given_.size();
      given_.push_back({nodes_.size()});
    }
    nodes_.push_back(std::move(node));
    return {nodes_.size() - 1};
  }

  /// Marks a value as one that the caller reads. Outputs are numbered in the order of these calls.
  void output(Value value) { outputs_.push_back(value); }

  const std::vector<Node>& nodes() const { return nodes_; }
  const std::vector<Value>& outputs() const { return outputs_; }
  /// The convolutions whose weights come later, by slot.
  const std::vector<Value>& given() const { return given_; }
  Node& operator[](Value value) { return nodes_[value.node]; }
  const Node& operator[](Value value) const { return nodes_[value.node]; }

  /// How many operations read the value.
  std::size_t readers(Value value) const {
    std::size_t count = 0;
    for (const Node& node : nodes_)
      for (Value read : node.reads) count += read == value;
    for (Value out : outputs_) count += out == value;
    return count;
  }

 private:
  static void check_slice(const Node& node, int channels) {
    if (node.first < 0 || node.channels < 1 || node.channels > channels - node.first)
      throw ShapeError(concat("kernels::NetworkDefinition: a slice of ", node.channels, " channels from ", node.first,
                              " of ", channels));
  }

  static int check_convolution(const Node& node, int channels) {
    const Shape<4> w = node.weight_shape();
    const Index groups = node.convolution.groups;
    if (groups < 1 || channels != w[1] * groups || w[0] % groups != 0)
      throw ShapeError(concat("kernels::NetworkDefinition: a convolution of ", channels, " channels in ", groups,
                              " groups with weights ", w));
    if (node.bias.size() != 0 && static_cast<Index>(node.bias.size()) != w[0])
      throw ShapeError(concat("kernels::NetworkDefinition: a bias of ", node.bias.size(), " for ", w[0], " outputs"));
    return static_cast<int>(w[0]);
  }

  static void check_squeeze(const SqueezeExcitation& s, int channels) {
    const auto c = static_cast<std::size_t>(channels);
    if (s.reduce.shape()[1] != c || s.channels() != c || s.expand_bias.size() != c || s.hidden() < 1 ||
        s.expand.shape()[1] != s.hidden() || s.reduce_bias.size() != s.hidden())
      throw ShapeError(concat("kernels::NetworkDefinition: a squeeze-excitation of ", s.reduce.shape()[1], " to ",
                              s.hidden(), " to ", s.channels(), " for ", channels, " channels"));
  }

  std::vector<Node> nodes_;
  std::vector<Value> outputs_;
  std::vector<Value> given_;
};

}  // namespace pursuit::inline v0::kernels
