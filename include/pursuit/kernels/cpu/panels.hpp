// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/tensor_view.hpp>
#include <pursuit/kernels/cpu/lanes.hpp>

#include <algorithm>

namespace pursuit::inline v0::kernels {

/// Sums that a kernel keeps in registers; four registers are left for its operands.
inline constexpr int cells_in_registers = lane_count == 16 ? 24 : 12;

/// Blocks of output channels [first, first + blocks) that one pass of a kernel works on.
struct Panel {
  Index first, blocks;
};

/// Output channels divided into panels of at most three blocks of lane_count, as even as can be. Packed weights hold
/// for each panel its bias, then for each tap a number for each of its channels.
class Panels {
 public:
  explicit Panels(Index outputs)
      : outputs_(outputs), blocks_((outputs + lane_count - 1) / lane_count), count_((blocks_ + 2) / 3) {}

  Index count() const { return count_; }
  Index blocks() const { return blocks_; }
  Panel operator[](Index i) const {
    const Index small = blocks_ / count_, large = blocks_ % count_;  // the first `large` panels have one more
    return {i * small + std::min(i, large), small + (i < large ? 1 : 0)};
  }

  Index floats(Index taps) const { return blocks_ * lane_count * (taps + 1); }
  /// Where the numbers of a panel begin.
  Index offset(const Panel& panel, Index taps) const { return panel.first * lane_count * (taps + 1); }

  /// Weights (outputs, taps) and bias (outputs), or null, into panels. Missing channels become zeros.
  void pack(const float* w, Index taps, const float* bias, float* packed) const {
    for (Index i = 0; i < count_; ++i) {
      const Panel panel = (*this)[i];
      const Index width = panel.blocks * lane_count;
      for (Index t = -1; t < taps; ++t)
        for (Index k = 0; k < width; ++k) {
          const Index o = panel.first * lane_count + k;
          const float* from = t < 0 ? (bias != nullptr ? bias + o : nullptr) : w + o * taps + t;
          *packed++ = o < outputs_ && from != nullptr ? *from : 0.0F;
        }
    }
  }

 private:
  Index outputs_, blocks_, count_;
};

}  // namespace pursuit::inline v0::kernels
