// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/version.hpp>

namespace pursuit::inline v0::nn {

/// y = max(x, 0).
struct ReLU {
  template <class Builder>
  typename Builder::Value compile(Builder& builder, typename Builder::Value x) const {
    return builder.relu(x);
  }
};

}  // namespace pursuit::inline v0::nn
