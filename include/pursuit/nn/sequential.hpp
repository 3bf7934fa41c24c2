// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/nn/parameters.hpp>

#include <cstddef>
#include <string>
#include <tuple>
#include <utility>

namespace pursuit::inline v0::nn {

/// Layers one after the other, named "0", "1", ... as in published files: the weight of the third is "2.weight".
template <class... Layers>
class Sequential {
 public:
  explicit Sequential(Layers... layers) : layers_(std::move(layers)...) {}

  template <std::size_t I>
  auto& layer() {
    return std::get<I>(layers_);
  }
  template <std::size_t I>
  const auto& layer() const {
    return std::get<I>(layers_);
  }

  template <class Visit>
  void parts(Visit&& visit) {
    for_each([&](std::size_t i, auto& layer) { visit(concat(i, "."), layer); });
  }

  template <class Builder>
  typename Builder::Value compile(Builder& builder, typename Builder::Value x) const {
    std::apply([&](const auto&... layer) { ((x = layer.compile(builder, x)), ...); }, layers_);
    return x;
  }

 private:
  template <class Body>
  void for_each(Body&& body) {
    std::size_t i = 0;
    std::apply([&](auto&... layer) { (body(i++, layer), ...); }, layers_);
  }

  std::tuple<Layers...> layers_;
};

}  // namespace pursuit::inline v0::nn
