// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/tensor_view.hpp>
#include <pursuit/kernels/cpu/activate.hpp>
#include <pursuit/kernels/cpu/lanes.hpp>

#include <cstddef>
#include <utility>

namespace pursuit::inline v0::kernels {

/// Sums that a matrix product keeps in registers: some neighbouring cells of some blocks of channels. (The functions
/// unroll by folding over indices, since arrays that a loop walks are not kept in registers.)
template <int Cells, int Blocks>
class Sums {
 public:
  /// Each cell begins with the bias, one number for each channel.
  [[gnu::always_inline]] void start(const float* bias) { start(bias, All{}); }

  [[gnu::always_inline]] void clear() { clear(All{}); }

  /// Goes on with what store() left.
  [[gnu::always_inline]] void load(const float* y, Index block_step, Index cell_step) {
    load(y, block_step, cell_step, All{});
  }

  /// Each cell adds its number, `step` floats from one to the next, times the row of weights, whose blocks are
  /// block_step apart.
  [[gnu::always_inline]] void add(const float* x, Index step, const float* weights, Index block_step = lane_count) {
    add(x, step, weights, block_step, std::make_index_sequence<Cells>{}, std::make_index_sequence<Blocks>{});
  }

  /// Each cell adds its lanes, `step` floats from one cell to the next, times those of each block of the row, which may
  /// lie anywhere.
  [[gnu::always_inline]] void add_lanes(const float* x, Index step, const float* row, Index block_step) {
    add_lanes(x, step, row, block_step, std::make_index_sequence<Cells>{}, std::make_index_sequence<Blocks>{});
  }

  /// Each cell adds its channels, `step` floats from one cell to the next, times those of the row of weights.
  [[gnu::always_inline]] void add_each(const float* x, Index step, const float* weights) requires(Blocks == 1) {
    add_each(x, step, weights, All{});
  }
  /// The same for Taps neighbours of each cell with a row of weights for each, cells being Stride apart: what a
  /// register holds is used for all cells that see it.
  template <int Taps, int Stride>
  [[gnu::always_inline]] void add_window(const float* x, const float* weights) requires(Blocks == 1) {
    add_window<Stride>(x, weights, std::make_index_sequence<Taps>{},
                       std::make_index_sequence<(Cells - 1) * Stride + Taps>{});
  }

  /// Adds what lies at a place like that of store().
  [[gnu::always_inline]] void add(const float* x, Index block_step) { add(x, block_step, All{}); }
  [[gnu::always_inline]] void activate(Activation activation) { activate(activation, All{}); }
  /// Blocks of channels are block_step floats apart, cells cell_step.
  [[gnu::always_inline]] void store(float* y, Index block_step, Index cell_step = lane_count) const {
    store(y, block_step, cell_step, All{});
  }

 private:
  using All = std::make_index_sequence<Cells * Blocks>;

  static constexpr Index place(std::size_t i, Index block_step, Index cell_step = lane_count) {
    return static_cast<Index>(i / Blocks) * cell_step + static_cast<Index>(i % Blocks) * block_step;
  }

  template <std::size_t... I>
  [[gnu::always_inline]] void start(const float* bias, std::index_sequence<I...>) {
    ((sum_[I] = lanes(bias + I % Blocks * lane_count)), ...);
  }
  template <std::size_t... I>
  [[gnu::always_inline]] void clear(std::index_sequence<I...>) {
    ((sum_[I] = Lanes{}), ...);
  }
  template <std::size_t... I>
  [[gnu::always_inline]] void load(const float* y, Index block_step, Index cell_step, std::index_sequence<I...>) {
    ((sum_[I] = lanes(y + place(I, block_step, cell_step))), ...);
  }
  template <std::size_t... C, std::size_t... B>
  [[gnu::always_inline]] void add(const float* x, Index step, const float* weights, Index block_step,
                                  std::index_sequence<C...>, std::index_sequence<B...> blocks) {
    Lanes row[Blocks] = {lanes(weights + static_cast<Index>(B) * block_step)...};
    (keep(row[B]), ...);
    (add_cell<C>(x[static_cast<Index>(C) * step] - Lanes{}, row, blocks), ...);
  }
  template <std::size_t... C, std::size_t... B>
  [[gnu::always_inline]] void add_lanes(const float* x, Index step, const float* row, Index block_step,
                                        std::index_sequence<C...> cells, std::index_sequence<B...>) {
    Lanes value[Cells] = {lanes(x + static_cast<Index>(C) * step)...};
    (keep(value[C]), ...);
    (add_block<B>(value, row + static_cast<Index>(B) * block_step, cells), ...);
  }
  template <std::size_t B, std::size_t... C>
  [[gnu::always_inline]] void add_block(const Lanes (&value)[Cells], const float* block, std::index_sequence<C...>) {
    Lanes kept;
    load_loose(block, kept);
    keep(kept);
    (add_product(sum_[C * Blocks + B], value[C], kept), ...);
  }
  template <std::size_t C, std::size_t... B>
  [[gnu::always_inline]] void add_cell(const Lanes& value, const Lanes (&row)[Blocks], std::index_sequence<B...>) {
    (add_product(sum_[C * Blocks + B], value, row[B]), ...);
  }
  template <std::size_t... C>
  [[gnu::always_inline]] void add_each(const float* x, Index step, const float* weights, std::index_sequence<C...>) {
    Lanes row = lanes(weights);
    keep(row);
    (add_product(sum_[C], lanes(x + static_cast<Index>(C) * step), row), ...);
  }
  template <int Stride, std::size_t... T, std::size_t... X>
  [[gnu::always_inline]] void add_window(const float* x, const float* weights, std::index_sequence<T...> taps,
                                         std::index_sequence<X...>) {
    Lanes rows[sizeof...(T)] = {lanes(weights + T * lane_count)...};
    (keep(rows[T]), ...);
    (add_seen<Stride, X>(lanes(x + X * lane_count), rows, taps), ...);
  }
  template <int Stride, std::size_t X, std::size_t... T>
  [[gnu::always_inline]] void add_seen(const Lanes& seen, const Lanes (&rows)[sizeof...(T)],
                                       std::index_sequence<T...>) {
    Lanes value = seen;
    keep(value);
    (add_tap<Stride, static_cast<int>(X) - static_cast<int>(T)>(value, rows[T]), ...);
  }
  template <int Stride, int Offset>
  [[gnu::always_inline]] void add_tap(const Lanes& value, const Lanes& row) {
    if constexpr (Offset >= 0 && Offset % Stride == 0 && Offset / Stride < Cells)
      add_product(sum_[Offset / Stride], value, row);
  }
  template <std::size_t... I>
  [[gnu::always_inline]] void add(const float* x, Index block_step, std::index_sequence<I...>) {
    ((sum_[I] += lanes(x + place(I, block_step))), ...);
  }
  template <std::size_t... I>
  [[gnu::always_inline]] void activate(Activation activation, std::index_sequence<I...>) {
    kernels::activate(activation, sum_[I]...);
  }
  template <std::size_t... I>
  [[gnu::always_inline]] void store(float* y, Index block_step, Index cell_step, std::index_sequence<I...>) const {
    ((lanes(y + place(I, block_step, cell_step)) = sum_[I]), ...);
  }
  Lanes sum_[Cells * Blocks];
};

}  // namespace pursuit::inline v0::kernels
