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

  /// Each cell adds its number, `step` floats from one to the next, times the row of weights.
  [[gnu::always_inline]] void add(const float* x, Index step, const float* weights) {
    add(x, step, weights, std::make_index_sequence<Cells>{}, std::make_index_sequence<Blocks>{});
  }

  /// Adds what lies at a place like that of store().
  [[gnu::always_inline]] void add(const float* x, Index block_step) { add(x, block_step, All{}); }
  [[gnu::always_inline]] void activate(Activation activation) { activate(activation, All{}); }
  /// Cells follow each other; blocks of channels are block_step floats apart.
  [[gnu::always_inline]] void store(float* y, Index block_step) const { store(y, block_step, All{}); }
  /// Takes up again what store() left.
  [[gnu::always_inline]] void load(const float* y, Index block_step) { load(y, block_step, All{}); }

 private:
  using All = std::make_index_sequence<Cells * Blocks>;

  static constexpr Index place(std::size_t i, Index block_step) {
    return static_cast<Index>(i / Blocks * lane_count) + static_cast<Index>(i % Blocks) * block_step;
  }

  template <std::size_t... I>
  [[gnu::always_inline]] void start(const float* bias, std::index_sequence<I...>) {
    ((sum_[I] = lanes(bias + I % Blocks * lane_count)), ...);
  }
  template <std::size_t... C, std::size_t... B>
  [[gnu::always_inline]] void add(const float* x, Index step, const float* weights, std::index_sequence<C...>,
                                  std::index_sequence<B...> blocks) {
    Lanes row[Blocks] = {lanes(weights + B * lane_count)...};
    (keep(row[B]), ...);
    (add_cell<C>(x[static_cast<Index>(C) * step] - Lanes{}, row, blocks), ...);
  }
  template <std::size_t C, std::size_t... B>
  [[gnu::always_inline]] void add_cell(const Lanes& value, const Lanes (&row)[Blocks], std::index_sequence<B...>) {
    (add_product(sum_[C * Blocks + B], value, row[B]), ...);
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
  [[gnu::always_inline]] void store(float* y, Index block_step, std::index_sequence<I...>) const {
    ((lanes(y + place(I, block_step)) = sum_[I]), ...);
  }
  template <std::size_t... I>
  [[gnu::always_inline]] void load(const float* y, Index block_step, std::index_sequence<I...>) {
    ((sum_[I] = lanes(y + place(I, block_step))), ...);
  }

  Lanes sum_[Cells * Blocks];
};

}  // namespace pursuit::inline v0::kernels
