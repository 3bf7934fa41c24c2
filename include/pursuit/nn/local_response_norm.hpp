// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/kernels/layer_options.hpp>

namespace pursuit::inline v0::nn {

/// Local response normalisation across channels: see kernels/lrn.hpp.
struct LocalResponseNorm {
  kernels::LrnOptions options{};

  template <class Builder>
  typename Builder::Value compile(Builder& builder, typename Builder::Value x) const {
    return builder.lrn(x, options);
  }
};

}  // namespace pursuit::inline v0::nn
