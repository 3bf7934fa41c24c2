// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

namespace pursuit::inline v0::kernels {

/// Places buffers in one block of memory so that buffers that live at the same time do not overlap.
class ArenaLayout {
 public:
  /// A buffer of `bytes` that is in use from step `first` to step `last`, both included. Returns its number.
  std::size_t add(std::size_t bytes, std::size_t first, std::size_t last) {
    slots_.push_back({(bytes + alignment - 1) / alignment * alignment, first, last, 0});
    return slots_.size() - 1;
  }

  /// The buffer is in use at this step, too.
  void extend(std::size_t slot, std::size_t step) {
    slots_[slot].first = std::min(slots_[slot].first, step);
    slots_[slot].last = std::max(slots_[slot].last, step);
  }

  /// Finds a place for each buffer, the largest first, each as low as it fits. Returns the bytes of the whole.
  std::size_t place() {
    std::vector<std::size_t> order(slots_.size()), placed;
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return slots_[a].bytes > slots_[b].bytes; });
    std::size_t total = 0;
    for (std::size_t i : order) {
      Slot& slot = slots_[i];
      slot.offset = 0;
      // `placed` is sorted by offset: walk up past every buffer that is in the way.
      for (std::size_t j : placed) {
        const Slot& other = slots_[j];
        if (other.last < slot.first || slot.last < other.first) continue;
        if (slot.offset + slot.bytes <= other.offset) break;
        slot.offset = std::max(slot.offset, other.offset + other.bytes);
      }
      total = std::max(total, slot.offset + slot.bytes);
      placed.insert(std::upper_bound(placed.begin(), placed.end(), i,
                                     [&](std::size_t a, std::size_t b) { return slots_[a].offset < slots_[b].offset; }),
                    i);
    }
    return total;
  }

  /// Bytes from the start of the block. Pre: place() was called.
  std::size_t offset(std::size_t slot) const { return slots_[slot].offset; }
  std::size_t size() const { return slots_.size(); }

 private:
  static constexpr std::size_t alignment = 64;

  struct Slot {
    std::size_t bytes, first, last, offset;
  };
  std::vector<Slot> slots_;
};

}  // namespace pursuit::inline v0::kernels
