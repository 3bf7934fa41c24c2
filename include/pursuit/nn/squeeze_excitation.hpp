// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/tensor.hpp>
#include <pursuit/kernels/squeeze_excitation.hpp>

#include <concepts>
#include <string>

namespace pursuit::inline v0::nn {

/// Scales each channel by what the means of all channels say about it: see kernels/squeeze_excitation.hpp.
///
/// Shapes  reduce (hidden, channels), reduce_bias (hidden), expand (channels, hidden), expand_bias (channels), named
///         fc.0 and fc.2 as in published files.
template <std::floating_point T = float>
struct SqueezeExcitation {
  using Gate = kernels::SqueezeExcitation::Gate;

  SqueezeExcitation(int channels, int hidden, Gate g = Gate::hard_sigmoid)
      : gate(g),
        reduce(make_tensor<T, 2>({hidden, channels})),
        reduce_bias(make_tensor<T, 1>({hidden})),
        expand(make_tensor<T, 2>({channels, hidden})),
        expand_bias(make_tensor<T, 1>({channels})) {}

  template <class Visit>
  void parameters(Visit&& visit, const std::string& prefix = {}) {
    visit(prefix + "fc.0.weight", reduce);
    visit(prefix + "fc.0.bias", reduce_bias);
    visit(prefix + "fc.2.weight", expand);
    visit(prefix + "fc.2.bias", expand_bias);
  }

  template <class Builder>
  typename Builder::Value compile(Builder& builder, typename Builder::Value x) const {
    return builder.squeeze_excitation(
        x, {.reduce = reduce, .reduce_bias = reduce_bias, .expand = expand, .expand_bias = expand_bias, .gate = gate});
  }

  Gate gate;
  Tensor<T, 2> reduce;
  Tensor<T, 1> reduce_bias;
  Tensor<T, 2> expand;
  Tensor<T, 1> expand_bias;
};

}  // namespace pursuit::inline v0::nn
