// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/tensor_view.hpp>
#include <pursuit/core/threads.hpp>
#include <pursuit/kernels/cpu/precise_axis.hpp>
#include <pursuit/kernels/roi_options.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace pursuit::inline v0::kernels::cpu {

/// What a channel of a map gives for one box. V is the map's number, or a vector of numbers of several channels.
///
///     across   for each row of bins: the mean over each of its bins, then the integral of f along each of its upright
///              edges; (rows, columns + columns + 1), or without edges (rows, columns)
///     level    the integral of f along each level edge of each column of bins; (rows + 1, columns)
template <class V>
struct PreciseSums {
  V *across, *level;  ///< without `level` there are no edges
};

/// Numbers of V that the sums of a box take, edges included.
inline Index precise_room(Index rows, Index columns) { return rows * (2 * columns + 1) + (rows + 1) * columns; }
template <class V>
PreciseSums<V> precise_sums_at(V* memory, Index rows, Index columns) {
  return {memory, memory + rows * (2 * columns + 1)};
}

/// The sums of one channel over the bins of a box, which is a PreciseBox or, without edges, anything else that has
/// weights along two axes; `row` has room for 2 columns + 1 numbers. A number of columns known at compile time, which
/// is Columns, unrolls what is done for each cell. Pre: the box is not empty.
template <int Columns = 0, class Box, class V>
void precise_sums(const V* map, Index width, const Box& box, const PreciseSums<V>& to, V* row) {
  using T = typename Box::scalar;
  const Index rows = box.y.bins(), columns = Columns > 0 ? Columns : box.x.bins();
  const bool edges = to.level != nullptr;
  const Index along = edges ? 2 * columns + 1 : columns;
  std::fill_n(to.across, rows * along, V{});
  if (edges) std::fill_n(to.level, (rows + 1) * columns, V{});
  const auto all = box.y.seen();
  for (Index j = all.first; j < all.last; ++j) {
    const V* const cells = map + j * width;
    for (Index q = 0; q < columns; ++q) {
      const auto seen = box.x.seen(q);
      const T* const w = box.x.weights(q);
      V sum{};
      for (Index i = seen.first; i < seen.last; ++i) sum += w[i] * cells[i];
      row[q] = sum;
    }
    if constexpr (Box::has_edges)
      for (Index k = 0; edges && k <= columns; ++k) {
        const auto& e = box.x.edge_at(k);
        row[columns + k] = e.share_below * cells[e.below] + e.share_above * cells[e.above];
      }
    for (Index p = 0; p < rows; ++p) {
      const auto seen = box.y.seen(p);
      if (j < seen.first || j >= seen.last) continue;
      const T w = box.y.weights(p)[j];
      V* const sums = to.across + p * along;
      if (edges)
        for (Index k = 0; k < 2 * columns + 1; ++k) sums[k] += w * row[k];
      else
        for (Index q = 0; q < columns; ++q) sums[q] += w * row[q];
    }
    if constexpr (Box::has_edges)
      for (Index k = 0; edges && k <= rows; ++k) {
        const auto& e = box.y.edge_at(k);
        if (j != e.below && j != e.above) continue;
        const T w = (j == e.below ? e.share_below : T(0)) + (j == e.above ? e.share_above : T(0));
        for (Index q = 0; q < columns; ++q) to.level[k * columns + q] += w * row[q];
      }
  }
  const T per_area = box.per_area();
  for (Index p = 0; p < rows; ++p)
    for (Index q = 0; q < columns; ++q) to.across[p * along + q] *= per_area;
}

/// What a channel adds to the gradient of its box's edges, in units of cells and before the division by a bin's area:
/// x1, y1, x2, y2. With e_k the edges and o, g a bin's mean and its gradient,
///
///     dL/dx1 = sum_pk (1 - k/Q) (g[p,k-1] - g[p,k]) upright[p,k] + bh/Q sum g o        dL/dx2 with k/Q and minus
template <class T, class V>
void precise_slopes(const PreciseBox<T>& box, const PreciseSums<V>& sums, const V* dy, V (&slope)[4]) {
  const Index rows = box.y.bins(), columns = box.x.bins(), along = 2 * columns + 1;
  V mean{}, low{}, high{};
  for (Index p = 0; p < rows; ++p)
    for (Index q = 0; q < columns; ++q) mean += dy[p * columns + q] * sums.across[p * along + q];
  for (Index k = 0; k <= columns; ++k) {
    V sum{};
    for (Index p = 0; p < rows; ++p) {
      V step{};
      if (k > 0) step += dy[p * columns + k - 1];
      if (k < columns) step -= dy[p * columns + k];
      sum += step * sums.across[p * along + columns + k];
    }
    const T share = static_cast<T>(k) / static_cast<T>(columns);
    low += (1 - share) * sum;
    high += share * sum;
  }
  const T across = static_cast<T>(box.y.bin()) / static_cast<T>(columns);
  slope[0] = low + across * mean;
  slope[2] = high - across * mean;
  low = high = V{};
  for (Index k = 0; k <= rows; ++k) {
    V sum{};
    for (Index q = 0; q < columns; ++q) {
      V step{};
      if (k > 0) step += dy[(k - 1) * columns + q];
      if (k < rows) step -= dy[k * columns + q];
      sum += step * sums.level[k * columns + q];
    }
    const T share = static_cast<T>(k) / static_cast<T>(rows);
    low += (1 - share) * sum;
    high += share * sum;
  }
  const T down = static_cast<T>(box.x.bin()) / static_cast<T>(rows);
  slope[1] = low + down * mean;
  slope[3] = high - down * mean;
}

template <class T>
std::vector<PreciseBox<T>> precise_boxes(const TensorView<const T, 2>& boxes, const RoiOptions& o, Index width,
                                         Index height) {
  std::vector<PreciseBox<T>> all(static_cast<std::size_t>(boxes.shape[0]));
  for (Index r = 0; r < boxes.shape[0]; ++r) {
    const auto at = [&](Index k) { return o.scale * static_cast<double>(boxes(r, k)); };
    all[static_cast<std::size_t>(r)].set({at(0), at(1), at(2), at(3)}, o.columns, o.rows, width, height);
  }
  return all;
}

/// Pools all channels over boxes that are prepared.
template <class Box, class T>
void pool_boxes(const TensorView<const T, 3>& x, const std::vector<Box>& all, const RoiOptions& o,
                const TensorView<T, 4>& y) {
  const Index channels = x.shape[0], bins = Index{o.rows} * o.columns;
  std::vector<T> scratch(static_cast<std::size_t>(threads() * (2 * o.columns + 1)));
  parallel_for(threads(), channels, [&](Index c, int worker) {
    for (std::size_t r = 0; r < all.size(); ++r) {
      T* const out = y.data + (static_cast<Index>(r) * channels + c) * bins;
      if (all[r].empty())
        std::fill_n(out, bins, T(0));
      else
        precise_sums(x[c].data, x.shape[2], all[r], PreciseSums<T>{out, nullptr},
                     scratch.data() + Index{worker} * (2 * o.columns + 1));
    }
  });
}

/// The way back for the map: adds to dx.
template <class Box, class T>
void pool_boxes_backward(const std::vector<Box>& all, const RoiOptions& o, const TensorView<const T, 4>& dy,
                         const TensorView<T, 3>& dx) {
  const Index channels = dx.shape[0], width = dx.shape[2];
  parallel_for(channels, [&](Index c) {
    for (std::size_t r = 0; r < all.size(); ++r) {
      const Box& box = all[r];
      if (box.empty()) continue;
      const T* const g = dy.data + (static_cast<Index>(r) * channels + c) * o.rows * o.columns;
      const auto seen_rows = box.y.seen();
      for (Index j = seen_rows.first; j < seen_rows.last; ++j)
        for (Index q = 0; q < o.columns; ++q) {
          T sum = 0;
          for (Index p = 0; p < o.rows; ++p) {
            const auto seen = box.y.seen(p);
            if (j >= seen.first && j < seen.last) sum += box.y.weights(p)[j] * g[p * o.columns + q];
          }
          sum *= box.per_area();
          const auto seen = box.x.seen(q);
          const T* const w = box.x.weights(q);
          T* const row = dx[c].data + j * width;
          for (Index i = seen.first; i < seen.last; ++i) row[i] += sum * w[i];
        }
    }
  });
}

template <class T>
void pr_roi_pool(const TensorView<const T, 3>& x, const TensorView<const T, 2>& boxes, const RoiOptions& o,
                 const TensorView<T, 4>& y) {
  pool_boxes(x, precise_boxes(boxes, o, x.shape[2], x.shape[1]), o, y);
}

template <class T>
void pr_roi_pool_backward(const TensorView<const T, 2>& boxes, const RoiOptions& o, const TensorView<const T, 4>& dy,
                          const TensorView<T, 3>& dx) {
  pool_boxes_backward(precise_boxes(boxes, o, dx.shape[2], dx.shape[1]), o, dy, dx);
}

template <class T>
void pr_roi_pool_backward_boxes(const TensorView<const T, 3>& x, const TensorView<const T, 2>& boxes,
                                const RoiOptions& o, const TensorView<const T, 4>& dy, const TensorView<T, 2>& dboxes) {
  const auto all = precise_boxes(boxes, o, x.shape[2], x.shape[1]);
  const Index channels = x.shape[0], rows = o.rows, columns = o.columns, bins = rows * columns;
  const Index room = precise_room(rows, columns) + 2 * columns + 1;
  std::vector<T> scratch(static_cast<std::size_t>(threads() * room));
  // Sums of each channel, added up in the order of channels whatever the number of threads.
  std::vector<T> slopes(all.size() * static_cast<std::size_t>(channels) * 4);
  parallel_for(threads(), channels, [&](Index c, int worker) {
    T* const own = scratch.data() + worker * room;
    const PreciseSums<T> sums = precise_sums_at(own, rows, columns);
    for (std::size_t r = 0; r < all.size(); ++r) {
      if (all[r].empty()) continue;
      precise_sums(x[c].data, x.shape[2], all[r], sums, own + room - (2 * columns + 1));
      T slope[4];
      precise_slopes(all[r], sums, dy.data + (static_cast<Index>(r) * channels + c) * bins, slope);
      std::copy_n(slope, 4, slopes.data() + (static_cast<Index>(r) * channels + c) * 4);
    }
  });
  for (std::size_t r = 0; r < all.size(); ++r) {
    if (all[r].empty()) continue;
    const T unit = all[r].per_area() * static_cast<T>(o.scale);
    for (Index k = 0; k < 4; ++k) {
      T sum = 0;
      for (Index c = 0; c < channels; ++c) sum += slopes[(static_cast<Index>(r) * channels + c) * 4 + k];
      dboxes(static_cast<Index>(r), k) += unit * sum;
    }
  }
}

}  // namespace pursuit::inline v0::kernels::cpu
