// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/nn/activation_layer.hpp>

namespace pursuit::inline v0::nn {

/// y = max(x, 0).
struct ReLU : ActivationInPlace<kernels::Activation::relu> {};

}  // namespace pursuit::inline v0::nn
