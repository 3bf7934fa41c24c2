// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/aligned.hpp>
#include <pursuit/core/tensor_view.hpp>
#include <pursuit/core/threads.hpp>
#include <pursuit/kernels/cpu/lanes.hpp>
#include <pursuit/kernels/cpu/pr_roi_pool.hpp>
#include <pursuit/kernels/roi_options.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace pursuit::inline v0::kernels {

/// Precise pooling (kernels/pr_roi_pool.hpp) for boxes that are moved again and again over one map: what the gradient
/// for the boxes needs is kept from the pooling itself, and nothing is allocated from the second call on.
///
/// Layout  maps are (ceil(C / block), H, W, block), where a block fills a register; what is pooled is (ceil(C / block),
///         bins, block) for each box, `step` numbers from one box to the next. Numbers T are float or double, pointers
///         are aligned to a block.
/// Boxes   (R, 4) as x1, y1, x2, y2 in cells of the map.
template <class T>
class BoxPooling {
 public:
  static constexpr Index block = lane_count * static_cast<Index>(sizeof(float)) / static_cast<Index>(sizeof(T));

  BoxPooling(int rows, int columns) : rows_(rows), columns_(columns) {}

  Index bins() const { return rows_ * columns_; }

  /// y = the pooled map times `factors` (ceil(C / block), block).
  void forward(const T* map, const Shape<3>& blocks_height_width, const TensorView<const double, 2>& boxes,
               const T* factors, T* y, Index step) {
    const auto [blocks, height, width] = blocks_height_width;
    blocks_ = blocks;
    boxes_.resize(std::max(boxes_.size(), static_cast<std::size_t>(boxes.shape[0])));
    for (Index r = 0; r < boxes.shape[0]; ++r)
      boxes_[static_cast<std::size_t>(r)].set({boxes(r, 0), boxes(r, 1), boxes(r, 2), boxes(r, 3)}, columns_, rows_,
                                              width, height);
    const Index items = boxes.shape[0] * blocks;
    grow(sums_, items * room() * block);
    grow(slopes_, items * 4 * block);
    grow(rows_of_worker_, threads() * along() * block);
    parallel_for(threads(), items, [&, height = height, width = width](Index i, int worker) {
      const Box& box = boxes_[static_cast<std::size_t>(i / blocks_)];
      Block* const out = at(y + i / blocks_ * step + i % blocks_ * bins() * block);
      if (box.empty()) {
        std::fill_n(out, bins(), Block{});
        return;
      }
      const auto sums = sums_of(i);
      const Block* const cells = at(map + i % blocks_ * height * width * block);
      Block* const row = at(rows_of_worker_.data() + worker * along() * block);
      switch (columns_) {
        case 3: cpu::precise_sums<3>(cells, width, box, sums, row); break;
        case 5: cpu::precise_sums<5>(cells, width, box, sums, row); break;
        default: cpu::precise_sums(cells, width, box, sums, row);
      }
      const Block factor = *at(factors + i % blocks_ * block);
      for (Index p = 0; p < rows_; ++p)
        for (Index q = 0; q < columns_; ++q) out[p * columns_ + q] = factor * sums.across[p * along() + q];
    });
  }

  /// Adds the gradient for the boxes of the last forward() to d (R, 4), given that for its y.
  void backward(const T* dy, Index step, const T* factors, const TensorView<double, 2>& d) {
    const Index items = d.shape[0] * blocks_;
    parallel_for(items, [&](Index i) {
      const Box& box = boxes_[static_cast<std::size_t>(i / blocks_)];
      if (box.empty()) return;
      Block slope[4];
      cpu::precise_slopes(box, sums_of(i), at(dy + i / blocks_ * step + i % blocks_ * bins() * block), slope);
      const Block factor = *at(factors + i % blocks_ * block);
      for (int k = 0; k < 4; ++k) at(slopes_.data())[i * 4 + k] = slope[k] * factor;
    });
    for (Index r = 0; r < d.shape[0]; ++r) {
      const Box& box = boxes_[static_cast<std::size_t>(r)];
      if (box.empty()) continue;
      for (Index k = 0; k < 4; ++k) {
        Block sum{};
        for (Index b = 0; b < blocks_; ++b) sum += at(slopes_.data())[(r * blocks_ + b) * 4 + k];
        double total = 0;
        for (Index lane = 0; lane < block; ++lane) total += static_cast<double>(sum[lane]);
        d(r, k) += total / (box.x.bin() * box.y.bin());
      }
    }
  }

 private:
  using Box = cpu::PreciseBox<T>;
  using Block = typename LanesOf<T>::type;

  static const Block* at(const T* p) { return reinterpret_cast<const Block*>(p); }
  static Block* at(T* p) { return reinterpret_cast<Block*>(p); }
  static void grow(AlignedVector<T>& memory, Index size) {
    if (static_cast<Index>(memory.size()) < size) memory.resize(static_cast<std::size_t>(size));
  }

  Index along() const { return 2 * columns_ + 1; }
  Index room() const { return cpu::precise_room(rows_, columns_); }
  cpu::PreciseSums<Block> sums_of(Index item) {
    return cpu::precise_sums_at(at(sums_.data() + item * room() * block), rows_, columns_);
  }

  Index rows_, columns_, blocks_ = 0;
  std::vector<Box> boxes_;
  AlignedVector<T> sums_, slopes_, rows_of_worker_;
};

}  // namespace pursuit::inline v0::kernels
