// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <span>

namespace pursuit::inline v0 {

/// A number to be made small, with a gradient that somebody derived by hand.
///
///   scalar                            float or double
///   value(prediction, target)         the loss
///   gradient(prediction, target, d)   writes d loss / d prediction to `d` (it does not add)
///
/// All three spans have the same length. A loss of several inputs has more overloads of its own; this is what a trainer
/// and a gradient checker need to know.
template <class L>
concept Loss = std::copyable<L> && std::floating_point<typename L::scalar> &&
    requires(const L& loss, std::span<const typename L::scalar> prediction, std::span<const typename L::scalar> target,
             std::span<typename L::scalar> d) {
  { loss.value(prediction, target) } -> std::same_as<typename L::scalar>;
  { loss.gradient(prediction, target, d) } -> std::same_as<void>;
};

}  // namespace pursuit::inline v0
