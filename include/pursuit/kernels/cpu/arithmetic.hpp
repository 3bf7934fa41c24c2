// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/precision.hpp>
#include <pursuit/kernels/cpu/onednn_compat.hpp>

namespace pursuit::inline v0::kernels {

/// How a network is computed on the processor.
enum class Arithmetic {
  floats,          ///< by kernels of ours, and by oneDNN's for what those do not do
  rounded,         ///< the same, on weights and activations that are rounded to bf16
  backend_floats,  ///< convolutions and pooling by oneDNN, in the layouts that it likes best
  backend_bf16     ///< ... in bf16; what oneDNN has no bf16 kernel for is done as `rounded` does it
};

constexpr bool is_bf16(Arithmetic a) { return a == Arithmetic::rounded || a == Arithmetic::backend_bf16; }
constexpr bool is_backend(Arithmetic a) { return a == Arithmetic::backend_floats || a == Arithmetic::backend_bf16; }

/// What this processor does best.
inline Arithmetic arithmetic_for(Precision precision) {
  if (precision == Precision::float32) return Arithmetic::floats;
  return onednn::multiplies_bf16() ? Arithmetic::backend_bf16 : Arithmetic::rounded;
}

}  // namespace pursuit::inline v0::kernels
