// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/nn/batch_norm2d.hpp>
#include <pursuit/nn/conv2d.hpp>
#include <pursuit/nn/hard_swish.hpp>
#include <pursuit/nn/parameters.hpp>
#include <pursuit/nn/relu.hpp>
#include <pursuit/nn/relu6.hpp>
#include <pursuit/nn/squeeze_excitation.hpp>

#include <cstddef>
#include <initializer_list>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace pursuit::inline v0::nn {

/// Gives what it gets; stands in published lists where a variant of the network has no layer.
struct Identity {
  template <class Builder>
  typename Builder::Value compile(Builder&, typename Builder::Value x) const {
    return x;
  }
};

/// Layers one after the other whose number and kinds are known at run time, named "0", "1", ... as in published files.
/// (`Sequential` is for those known at compile time.)
class LayerList {
 public:
  using Layer =
      std::variant<Conv2d<float>, BatchNorm2d<float>, ReLU, ReLU6, HardSwish, SqueezeExcitation<float>, Identity>;

  LayerList() = default;
  LayerList(std::initializer_list<Layer> layers) : layers_(layers) {}

  void add(Layer layer) { layers_.push_back(std::move(layer)); }
  std::size_t size() const { return layers_.size(); }

  template <class Visit>
  void parts(Visit&& visit) {
    for (std::size_t i = 0; i < layers_.size(); ++i)
      std::visit([&](auto& layer) { visit(concat(i, "."), layer); }, layers_[i]);
  }

  template <class Builder>
  typename Builder::Value compile(Builder& builder, typename Builder::Value x) const {
    for (const Layer& any : layers_) x = std::visit([&](const auto& layer) { return layer.compile(builder, x); }, any);
    return x;
  }

 private:
  std::vector<Layer> layers_;
};

}  // namespace pursuit::inline v0::nn
