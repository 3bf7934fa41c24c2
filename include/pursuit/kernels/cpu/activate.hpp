// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/kernels/cpu/lanes.hpp>
#include <pursuit/kernels/layer_options.hpp>

#include <cstddef>

namespace pursuit::inline v0::kernels {

namespace detail {

[[gnu::always_inline]] inline void clip(Lanes& v, float most) {
  const Lanes low{}, high = most - low;
  v = v > low ? v : low;
  v = v < high ? v : high;
}

}  // namespace detail

template <Activation A>
[[gnu::always_inline]] inline void activate(Lanes& v) {
  if constexpr (A == Activation::relu) {
    v = v > Lanes{} ? v : Lanes{};
  } else if constexpr (A == Activation::relu6) {
    detail::clip(v, 6);
  } else if constexpr (A == Activation::hard_swish) {
    Lanes gate = v + 3.0F;
    detail::clip(gate, 6);
    v *= gate * (1.0F / 6.0F);
  }
}

/// The activation of several registers.
template <class... L>
[[gnu::always_inline]] inline void activate(Activation activation, L&... v) {
  switch (activation) {
    case Activation::none: return;
    case Activation::relu: return (activate<Activation::relu>(v), ...);
    case Activation::relu6: return (activate<Activation::relu6>(v), ...);
    case Activation::hard_swish: return (activate<Activation::hard_swish>(v), ...);
  }
}

}  // namespace pursuit::inline v0::kernels
