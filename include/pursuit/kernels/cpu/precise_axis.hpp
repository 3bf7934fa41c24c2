// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/tensor_view.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace pursuit::inline v0::kernels::cpu {

/// One axis of one box of precise pooling, which is separable: how much of each cell each bin sees, and where the
/// edges between bins lie.
template <class T>
class PreciseAxis {
 public:
  struct Range {
    Index first, last;  // [first, last)
  };
  /// f at an edge: share_below cells[below] + share_above cells[above].
  struct Edge {
    Index below, above;
    T share_below, share_above;
  };

  /// `low` and `high` in cells. Nothing is allocated where an axis was as long before.
  void set(double low, double high, Index bins, Index cells) {
    bins_ = bins;
    cells_ = cells;
    bin_ = high > low && std::isfinite(high - low) ? (high - low) / static_cast<double>(bins) : 0;
    if (bin_ < shortest) bin_ = 0;
    if (!(bin_ > 0)) return;
    weights_.resize(static_cast<std::size_t>(bins * cells));
    seen_.resize(static_cast<std::size_t>(bins));
    edges_.resize(static_cast<std::size_t>(bins + 1));
    for (Index k = 0; k <= bins; ++k) edges_[static_cast<std::size_t>(k)] = edge(low + static_cast<double>(k) * bin_);
    for (Index q = 0; q < bins; ++q) set_bin(q, low + static_cast<double>(q) * bin_);
  }

  Index bins() const { return bins_; }
  /// The length of a bin in cells; 0 where the box has none, or one so short that the inverse of a bin's area would not
  /// fit into a float. Then nothing below may be called.
  double bin() const { return bin_; }
  /// Which cells bin q sees, and how much of each: weights(q)[i] for cell i.
  Range seen(Index q) const { return seen_[static_cast<std::size_t>(q)]; }
  const T* weights(Index q) const { return weights_.data() + q * cells_; }
  /// Edges 0 ... bins.
  const Edge& edge_at(Index k) const { return edges_[static_cast<std::size_t>(k)]; }
  /// Cells that any bin sees.
  Range seen() const {
    Range all{cells_, 0};
    for (const Range& r : seen_)
      if (r.first < r.last) all = {std::min(all.first, r.first), std::max(all.last, r.last)};
    return all;
  }

 private:
  static constexpr double shortest = 1e-15;

  // Beyond -1 and `cells` there is nothing.
  double cut(double at) const { return std::clamp(at, -1.0, static_cast<double>(cells_)); }

  Edge edge(double at) const {
    const double place = cut(at), whole = std::floor(place), part = place - whole;
    const auto below = static_cast<Index>(whole), last = cells_ - 1;
    return {std::clamp<Index>(below, 0, last), std::clamp<Index>(below + 1, 0, last),
            static_cast<T>(below >= 0 && below <= last ? 1 - part : 0), static_cast<T>(below + 1 <= last ? part : 0)};
  }

  void set_bin(Index q, double from) {
    const double to = from + bin_, low = cut(from), high = cut(to);
    const Range range{std::max<Index>(static_cast<Index>(std::floor(low)), 0),
                      std::min<Index>(static_cast<Index>(std::ceil(high)) + 1, cells_)};
    seen_[static_cast<std::size_t>(q)] = range;
    T* const w = weights_.data() + q * cells_;
    for (Index i = range.first; i < range.last; ++i) {
      const double a = std::max(from - static_cast<double>(i), -1.0), b = std::min(to - static_cast<double>(i), 1.0);
      // The length that lies within the hat; a short bin's is not the difference of two large numbers.
      const double length = a > -1 && b < 1 ? bin_ : b - a;
      double sum = 0;
      if (b <= 0)
        sum = length * (1 + (a + b) / 2);
      else if (a >= 0)
        sum = length * (1 - (a + b) / 2);
      else
        sum = b * (1 - b / 2) - a * (1 + a / 2);
      w[i] = a < b ? static_cast<T>(sum) : T(0);
    }
  }

  Index bins_ = 0, cells_ = 0;
  double bin_ = 0;
  std::vector<T> weights_;  // (bins, cells), set where seen
  std::vector<Range> seen_;
  std::vector<Edge> edges_;
};

/// Both axes of one box.
template <class T>
struct PreciseBox {
  using scalar = T;
  static constexpr bool has_edges = true;

  PreciseAxis<T> x, y;

  void set(const double (&corners)[4], Index columns, Index rows, Index width, Index height) {
    x.set(corners[0], corners[2], columns, width);
    y.set(corners[1], corners[3], rows, height);
  }
  bool empty() const { return !(x.bin() > 0) || !(y.bin() > 0); }
  T per_area() const { return static_cast<T>(1 / (x.bin() * y.bin())); }
};

}  // namespace pursuit::inline v0::kernels::cpu
