// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/kernels/layer_options.hpp>

namespace pursuit::inline v0::nn {

/// The mean of each window, padding not counted: see kernels/pooling.hpp.
struct AvgPool2d {
  kernels::PoolingOptions options{};

  template <class Builder>
  typename Builder::Value compile(Builder& builder, typename Builder::Value x) const {
    return builder.average_pool(x, options);
  }
};

}  // namespace pursuit::inline v0::nn
