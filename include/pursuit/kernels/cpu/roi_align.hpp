// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/tensor_view.hpp>
#include <pursuit/kernels/cpu/pr_roi_pool.hpp>
#include <pursuit/kernels/roi_options.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace pursuit::inline v0::kernels::cpu {

/// One axis of one box of RoIAlign. Samples lie on a grid, so they are separable: what each bin sees of each cell.
template <class T>
class SampledAxis {
 public:
  struct Range {
    Index first, last;  // [first, last)
  };

  /// `low` and `high` in cells; `samples` in each bin, or 0 for as many as it has cells.
  void set(double low, double high, Index bins, Index cells, int samples) {
    bins_ = bins;
    cells_ = cells;
    weights_.assign(static_cast<std::size_t>(bins * cells), T(0));
    seen_.assign(static_cast<std::size_t>(bins), Range{cells, 0});
    const double bin = (high - low) / static_cast<double>(bins);
    // A box of more samples than this is no box of this map.
    constexpr double most = 1 << 20;
    const double count = samples > 0 ? samples : std::ceil(bin);
    if (!(count >= 1 && count <= most)) return;
    for (Index q = 0; q < bins; ++q)
      for (double k = 0; k < count; ++k) sample(q, low + (static_cast<double>(q) + (k + 0.5) / count) * bin, 1 / count);
  }

  Index bins() const { return bins_; }
  Range seen(Index q) const { return seen_[static_cast<std::size_t>(q)]; }
  const T* weights(Index q) const { return weights_.data() + q * cells_; }
  Range seen() const {
    Range all{cells_, 0};
    for (const Range& r : seen_) all = {std::min(all.first, r.first), std::max(all.last, r.last)};
    return all;
  }

 private:
  void sample(Index q, double at, double share) {
    if (!(at >= -1 && at <= static_cast<double>(cells_))) return;
    const double place = std::clamp(at, 0.0, static_cast<double>(cells_ - 1)), whole = std::floor(place);
    add(q, static_cast<Index>(whole), share * (1 - (place - whole)));
    if (place > whole) add(q, static_cast<Index>(whole) + 1, share * (place - whole));
  }
  void add(Index q, Index cell, double share) {
    Range& r = seen_[static_cast<std::size_t>(q)];
    r = {std::min(r.first, cell), std::max(r.last, cell + 1)};
    T& w = weights_[static_cast<std::size_t>(q * cells_ + cell)];
    w = static_cast<T>(static_cast<double>(w) + share);
  }

  Index bins_ = 0, cells_ = 0;
  std::vector<T> weights_;  // (bins, cells)
  std::vector<Range> seen_;
};

template <class T>
struct SampledBox {
  using scalar = T;
  static constexpr bool has_edges = false;

  SampledAxis<T> x, y;

  bool empty() const { return false; }
  T per_area() const { return 1; }
};

template <class T>
std::vector<SampledBox<T>> sampled_boxes(const TensorView<const T, 2>& boxes, const RoiOptions& o, int samples,
                                         bool aligned, Index width, Index height) {
  std::vector<SampledBox<T>> all(static_cast<std::size_t>(boxes.shape[0]));
  for (Index r = 0; r < boxes.shape[0]; ++r) {
    const auto set = [&](SampledAxis<T>& axis, Index k, Index bins, Index cells) {
      const double shift = aligned ? 0.5 : 0, low = o.scale * static_cast<double>(boxes(r, k)) - shift;
      const double high = o.scale * static_cast<double>(boxes(r, k + 2)) - shift;
      axis.set(low, aligned ? high : low + std::max(high - low, 1.0), bins, cells, samples);
    };
    set(all[static_cast<std::size_t>(r)].x, 0, o.columns, width);
    set(all[static_cast<std::size_t>(r)].y, 1, o.rows, height);
  }
  return all;
}

}  // namespace pursuit::inline v0::kernels::cpu
