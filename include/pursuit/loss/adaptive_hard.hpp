// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/loss/smooth_l1.hpp>

#include <algorithm>
#include <concepts>
#include <span>

namespace pursuit::inline v0::loss {

/// The loss against the truth, until the student is better than its teacher by more than a margin h:
///
///     l_s  = SmoothL1(student, truth)      l_t = SmoothL1(teacher, truth)       means over the batch
///     L    = l_s  where l_t - l_s < h,  0 elsewhere
///     dL/d student = that of l_s, or 0: the gate is a constant
///
/// Ref  Danier 2020, section 3.2, with the gate on means of the batch as in the published code.
template <std::floating_point T = float>
struct AdaptiveHard {
  using scalar = T;
  T margin = T(0.005);

  bool learns(std::span<const T> student, std::span<const T> teacher, std::span<const T> truth) const {
    return hard.value(teacher, truth) - hard.value(student, truth) < margin;
  }
  T value(std::span<const T> student, std::span<const T> teacher, std::span<const T> truth) const {
    return learns(student, teacher, truth) ? hard.value(student, truth) : T(0);
  }
  void gradient(std::span<const T> student, std::span<const T> teacher, std::span<const T> truth,
                std::span<T> d) const {
    if (learns(student, teacher, truth)) return hard.gradient(student, truth, d);
    std::fill(d.begin(), d.end(), T(0));
  }

  SmoothL1<T> hard{};
};

}  // namespace pursuit::inline v0::loss
