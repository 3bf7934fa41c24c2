// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/nn/activation_layer.hpp>

namespace pursuit::inline v0::nn {

/// y = x min(max(x + 3, 0), 6) / 6. Ref  Howard et al. 2019, section 5.2.
struct HardSwish : ActivationLayer {
  constexpr HardSwish() : ActivationLayer{kernels::Activation::hard_swish} {}
};

}  // namespace pursuit::inline v0::nn
