// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/kernels/cpu/lanes.hpp>
#include <pursuit/kernels/layer_options.hpp>

#include <cstddef>
#include <utility>

namespace pursuit::inline v0::kernels {

template <Activation A>
[[gnu::always_inline]] inline void activate(Lanes& v) {
  if constexpr (A == Activation::relu) {
    at_least(v, Lanes{});
  } else if constexpr (A == Activation::relu6) {
    at_least(v, Lanes{});
    at_most(v, 6.0F - Lanes{});
  } else if constexpr (A == Activation::hard_swish) {
    Lanes gate = v + 3.0F;
    at_least(gate, Lanes{});
    at_most(gate, 6.0F - Lanes{});
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

/// The same of an array.
template <std::size_t N>
[[gnu::always_inline]] inline void activate(Lanes (&v)[N], Activation activation) {
  [&]<std::size_t... I>(std::index_sequence<I...>) { activate(activation, v[I]...); }
  (std::make_index_sequence<N>{});
}

}  // namespace pursuit::inline v0::kernels
