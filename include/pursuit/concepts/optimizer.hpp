// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace pursuit::inline v0 {

/// Changes parameters along their gradients. `slot` numbers the parameter tensor, so that an optimiser can keep a
/// momentum for each; the same slot always comes with the same length.
template <class O>
concept Optimizer = std::copyable<O> &&
    requires(O& optimizer, std::size_t slot, std::span<float> parameters, std::span<const float> gradient) {
  { optimizer.step(slot, parameters, gradient) } -> std::same_as<void>;
};

/// An optimiser that a training run can leave and come back to.
///
///   prepare(slot, size)   makes what the slot keeps for so many parameters, as before its first step; changes nothing
///                         where the slot is there
///   state(visit)          visit(name, numbers) for all that the slots keep, always in the same order; numbers is a
///                         std::vector<float>&, whose values may be replaced
///   rate                  the length of steps, which a schedule changes between them
template <class O>
concept ResumableOptimizer = Optimizer<O> && requires(O& optimizer, std::size_t slot, std::size_t size) {
  optimizer.prepare(slot, size);
  optimizer.state([](const std::string&, std::vector<float>&) {});
  requires std::same_as<decltype(O::rate), double>;
};

}  // namespace pursuit::inline v0
