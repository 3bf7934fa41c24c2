// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/kernels/layer_options.hpp>

namespace pursuit::inline v0::nn {

/// y = x min(max(x + 3, 0), 6) / 6. Ref  Howard et al. 2019, section 5.2.
struct HardSwish {
  template <class Builder>
  typename Builder::Value compile(Builder& builder, typename Builder::Value x) const {
    return builder.activation(x, kernels::Activation::hard_swish);
  }
};

}  // namespace pursuit::inline v0::nn
