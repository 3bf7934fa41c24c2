// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/aligned.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/nn/parameters.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <vector>

namespace pursuit::inline v0::nn {

/// One gradient for each parameter that is trained, of one network or several, in one row of memory: backward passes
/// add to it, an optimiser reads it, several machines sum it at once. A parameter that was not added is frozen:
/// backward passes find no gradient for it and leave out the work.
///
/// Parameters are known by the memory of their tensors, so a network may be moved but not copied between add() and its
/// use.
template <std::floating_point T = float>
class Gradients {
 public:
  struct Entry {
    std::string name;
    std::span<T> parameter;
    std::span<T> gradient;
  };

  Gradients() = default;
  template <class Network>
  requires(!std::same_as<Network, Gradients>) explicit Gradients(Network& network) { add(network); }

  /// Adds the network's parameters for whose names trains(name) is true. Gradients begin as zeros. Throws Error where a
  /// parameter is added twice.
  template <class Network, class Trains>
  void add(Network& network, const std::string& prefix, Trains&& trains) {
    visit_parameters(
        network,
        [&](const std::string& name, auto& tensor) {
          static_assert(std::is_same_v<std::remove_cvref_t<decltype(*tensor.data())>, T>,
                        "pursuit::nn::Gradients: the network's numbers are of another type");
          if (tensor.size() == 0 || !trains(name)) return;
          if (!places_.emplace(tensor.data(), values_.size()).second)
            throw Error(concat("nn::Gradients: ", name, " was added before"));
          parameters_.push_back({name, {tensor.data(), tensor.size()}});
          values_.resize(values_.size() + tensor.size(), T(0));
        },
        prefix);
  }
  template <class Network>
  void add(Network& network, const std::string& prefix = {}) {
    add(network, prefix, [](const std::string&) { return true; });
  }

  /// The gradient of a parameter, or a view of nothing where it is frozen.
  template <class Parameter>
  auto of(const Parameter& parameter) {
    constexpr std::size_t rank = std::tuple_size_v<std::remove_cvref_t<decltype(parameter.shape())>>;
    TensorView<T, rank> view(nullptr, {});
    const auto found = places_.find(parameter.data());
    if (parameter.size() == 0 || found == places_.end()) return view;
    view.data = values_.data() + found->second;
    std::copy(parameter.shape().begin(), parameter.shape().end(), view.shape.begin());
    return view;
  }

  std::size_t size() const { return parameters_.size(); }
  /// Parameter number i, in the order of add(): what Optimizer::step calls a slot.
  Entry operator[](std::size_t i) {
    const Parameter& p = parameters_[i];
    return {p.name, p.values, {values_.data() + places_.at(p.values.data()), p.values.size()}};
  }

  /// All gradients, one after the other.
  std::span<T> values() { return values_; }
  std::span<const T> values() const { return values_; }
  void clear() { std::fill(values_.begin(), values_.end(), T(0)); }

 private:
  struct Parameter {
    std::string name;
    std::span<T> values;
  };
  std::vector<Parameter> parameters_;
  std::unordered_map<const T*, std::size_t> places_;  // by the parameter's memory
  AlignedVector<T> values_;
};

}  // namespace pursuit::inline v0::nn
