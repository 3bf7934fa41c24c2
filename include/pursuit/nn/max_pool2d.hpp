// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/kernels/layer_options.hpp>

namespace pursuit::inline v0::nn {

/// The largest value of each window: see kernels/pooling.hpp.
struct MaxPool2d {
  kernels::PoolingOptions options{};

  template <class Builder>
  typename Builder::Value compile(Builder& builder, typename Builder::Value x) const {
    return builder.max_pool(x, options);
  }
};

}  // namespace pursuit::inline v0::nn
