// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/tensor.hpp>
#include <pursuit/io/weights.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace pursuit::inline v0::nn {

/// Calls visit(name, layer) for each layer that this one is made of, where it says so: by parts(visit).
template <class Layer, class Visit>
void visit_parts(Layer& layer, Visit&& visit) {
  if constexpr (requires { layer.parts(visit); }) layer.parts(visit);
}

/// Calls visit(name, tensor) for each tensor that the layer learns, those of its parts first, then its own: by
/// parameters(visit, prefix). Names are those of the published files: `prefix` and the layer's own, "conv1.0.weight".
/// Layers without parameters need not say so.
template <class Layer, class Visit>
void visit_parameters(Layer& layer, Visit&& visit, const std::string& prefix = {}) {
  visit_parts(layer, [&](const std::string& name, auto& part) { visit_parameters(part, visit, prefix + name); });
  if constexpr (requires { layer.parameters(visit, prefix); }) layer.parameters(visit, prefix);
}

/// Calls visit(name, tensor) for each tensor that belongs to the layer without being learned by descent (the running
/// statistics of batch norm), in the same way: by buffers(visit, prefix).
template <class Layer, class Visit>
void visit_buffers(Layer& layer, Visit&& visit, const std::string& prefix = {}) {
  visit_parts(layer, [&](const std::string& name, auto& part) { visit_buffers(part, visit, prefix + name); });
  if constexpr (requires { layer.buffers(visit, prefix); }) layer.buffers(visit, prefix);
}

/// Both, parameters first.
template <class Layer, class Visit>
void visit_tensors(Layer& layer, Visit&& visit, const std::string& prefix = {}) {
  visit_parameters(layer, visit, prefix);
  visit_buffers(layer, visit, prefix);
}

/// Fills all tensors of the layer from the weights. Throws FileError where one is missing or has another shape.
template <class Layer>
void load(Layer& layer, const Weights& weights, const std::string& prefix = {}) {
  visit_tensors(
      layer,
      [&](const std::string& name, auto& tensor) {
        Shape<std::tuple_size_v<std::remove_cvref_t<decltype(tensor.shape())>>> shape{};
        std::ranges::copy(tensor.shape(), shape.begin());
        const auto values = weights.get(name, shape);
        std::copy(values.data(), values.data() + values.size(), tensor.data());
      },
      prefix);
}

/// What load() asks for.
template <class Layer>
std::vector<TensorSpec> tensor_specs(Layer& layer, const std::string& prefix = {}) {
  std::vector<TensorSpec> specs;
  visit_tensors(
      layer,
      [&](const std::string& name, auto& tensor) {
        specs.push_back({name, std::vector<Index>(tensor.shape().begin(), tensor.shape().end())});
      },
      prefix);
  return specs;
}

}  // namespace pursuit::inline v0::nn
