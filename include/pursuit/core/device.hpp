// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/version.hpp>

namespace pursuit::inline v0 {

/// The processor. Always there; the default device of tensors, kernels and plans.
struct Cpu {
  static constexpr const char* name = "cpu";
};

/// An NVIDIA GPU. The tag alone is always there, so that signatures can name it; the kernels over its memory
/// come with <pursuit/cuda.hpp>.
struct Cuda {
  static constexpr const char* name = "cuda";
};

}  // namespace pursuit::inline v0
