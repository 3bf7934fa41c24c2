// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/kernels/layer_options.hpp>

namespace pursuit::inline v0::nn {

/// y = max(x, 0).
struct ReLU {
  template <class Builder>
  typename Builder::Value compile(Builder& builder, typename Builder::Value x) const {
    return builder.activation(x, kernels::Activation::relu);
  }
};

}  // namespace pursuit::inline v0::nn
