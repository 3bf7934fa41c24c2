// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/precision.hpp>
#include <pursuit/kernels/cpu/onednn_compat.hpp>
#include <pursuit/kernels/network_definition.hpp>

namespace pursuit::inline v0::kernels {

/// How a network is computed on the processor.
enum class Arithmetic {
  floats,          ///< by kernels of ours, and by oneDNN's for what those do not do
  rounded,         ///< the same, matrix products being of numbers rounded to bf16
  backend_floats,  ///< matrix products by oneDNN, in the layouts that it likes best
  backend_bf16     ///< ... in bf16; those that oneDNN cannot do are done as `rounded` does them
};

constexpr bool is_bf16(Arithmetic a) { return a == Arithmetic::rounded || a == Arithmetic::backend_bf16; }
constexpr bool is_backend(Arithmetic a) { return a == Arithmetic::backend_floats || a == Arithmetic::backend_bf16; }

/// Whether it is a convolution that mixes channels. With one number of each channel at a time there is little to
/// multiply, so depthwise convolutions stay floats.
inline bool is_product(const Node& n) {
  return n.kind == Node::Kind::convolution && (n.convolution.groups == 1 || n.weight_shape()[1] > 1);
}

/// What this processor does best.
inline Arithmetic arithmetic_for(Precision precision) {
  if (precision == Precision::float32) return Arithmetic::floats;
  return onednn::multiplies_bf16() ? Arithmetic::backend_bf16 : Arithmetic::rounded;
}

}  // namespace pursuit::inline v0::kernels
