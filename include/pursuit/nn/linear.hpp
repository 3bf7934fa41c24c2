// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>
#include <pursuit/core/tensor.hpp>

#include <concepts>
#include <string>

namespace pursuit::inline v0::nn {

/// A fully connected layer with what it learns: y[n,o] = bias[o] + sum_i weight[o,i] x[n,i].
///
/// Shapes  weight (outputs, inputs), bias (outputs).
template <std::floating_point T = float>
struct Linear {
  /// Throws ShapeError unless both numbers are positive.
  Linear(int inputs, int outputs) {
    if (inputs < 1 || outputs < 1)
      throw ShapeError(concat("nn::Linear: ", inputs, " inputs, ", outputs, " outputs: need positive numbers"));
    weight = make_tensor<T, 2>({outputs, inputs});
    bias = make_tensor<T, 1>({outputs});
  }

  template <class Visit>
  void parameters(Visit&& visit, const std::string& prefix = {}) {
    visit(prefix + "weight", weight);
    visit(prefix + "bias", bias);
  }

  Tensor<T, 2> weight;
  Tensor<T, 1> bias;
};

}  // namespace pursuit::inline v0::nn
