// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/bf16.hpp>
#include <pursuit/core/tensor_view.hpp>

namespace pursuit::inline v0::kernels {

/// y = x rounded to bf16, number by number; y may be x.
inline void round_to_bf16(const float* x, Index count, float* y) {
#pragma omp simd
  for (Index i = 0; i < count; ++i) y[i] = v0::round_to_bf16(x[i]);
}

}  // namespace pursuit::inline v0::kernels
