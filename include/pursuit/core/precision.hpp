// SPDX-License-Identifier: MIT
#pragma once

namespace pursuit::inline v0 {

/// Of the matrix products of a network while it is used.
///
/// With `bf16` the weights and operands of convolutions that mix channels are rounded to eight binary digits
/// (core/bf16.hpp). Their sums, and all that is done channel by channel, stay floats. Processors with instructions for
/// that are faster by it; others are slower and give the same results, but for the order of sums.
enum class Precision { float32, bf16 };

}  // namespace pursuit::inline v0
