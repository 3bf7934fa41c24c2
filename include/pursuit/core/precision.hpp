// SPDX-License-Identifier: MIT
#pragma once

namespace pursuit::inline v0 {

/// Of the weights and activations of a network while it is used. Sums are made of floats always.
///
/// With `bf16` each of them is rounded to eight binary digits (core/bf16.hpp). Processors with instructions for that
/// are faster by it; others are slower and give the same results, but for the order of sums.
enum class Precision { float32, bf16 };

}  // namespace pursuit::inline v0
