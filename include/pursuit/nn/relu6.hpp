// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/nn/activation_layer.hpp>

namespace pursuit::inline v0::nn {

/// y = min(max(x, 0), 6).
struct ReLU6 : ActivationInPlace<kernels::Activation::relu6> {};

}  // namespace pursuit::inline v0::nn
