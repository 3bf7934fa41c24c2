// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <span>

namespace pursuit::inline v0 {

/// Changes parameters along their gradients. `slot` numbers the parameter tensor, so that an optimiser can keep a
/// momentum for each; the same slot always comes with the same length.
template <class O>
concept Optimizer = std::copyable<O> &&
    requires(O& optimizer, std::size_t slot, std::span<float> parameters, std::span<const float> gradient) {
  { optimizer.step(slot, parameters, gradient) } -> std::same_as<void>;
};

}  // namespace pursuit::inline v0
