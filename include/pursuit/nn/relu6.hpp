// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/kernels/layer_options.hpp>

namespace pursuit::inline v0::nn {

/// y = min(max(x, 0), 6).
struct ReLU6 {
  template <class Builder>
  typename Builder::Value compile(Builder& builder, typename Builder::Value x) const {
    return builder.activation(x, kernels::Activation::relu6);
  }
};

}  // namespace pursuit::inline v0::nn
