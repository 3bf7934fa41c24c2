// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/tensor_view.hpp>

#include <algorithm>

namespace pursuit::inline v0 {

/// Mirrors a patch (C, height, width) left to right.
inline void mirror(const TensorView<float, 3>& patch) {
  for (Index row = 0; row < patch.shape[0] * patch.shape[1]; ++row)
    std::reverse(patch.data + row * patch.shape[2], patch.data + (row + 1) * patch.shape[2]);
}

}  // namespace pursuit::inline v0
