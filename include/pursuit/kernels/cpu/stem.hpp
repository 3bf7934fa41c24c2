// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/threads.hpp>
#include <pursuit/kernels/cpu/lanes.hpp>
#include <pursuit/kernels/cpu/panels.hpp>
#include <pursuit/kernels/cpu/sums.hpp>
#include <pursuit/kernels/layer_options.hpp>

#include <algorithm>

namespace pursuit::inline v0::kernels {

/// The first convolution of a network: from a few planes of pixels to blocks of channels.
///
/// Up to three blocks of a few neighbouring outputs are summed in registers while all taps pass by.
///
/// Layout  x is (N, C, H, W); y is (N, ceil(O / block), H', W', block) with block = lane_count, and zeros in channels
///         that fill up the last block. Weights and bias are packed by pack().
class Stem {
 public:
  static constexpr int block = lane_count;
  static constexpr int most_planes = 4, largest_kernel = 11;

  /// Whether it can do this convolution.
  static bool fits(const Shape<4>& w, const ConvolutionOptions& o) {
    return w[1] <= most_planes && w[2] == w[3] && w[2] <= largest_kernel && o.padding < w[2] && o.dilation == 1 &&
           o.groups == 1;
  }

  /// Pre: fits(w, o), and x is large enough for one output.
  Stem(const Shape<4>& x, const Shape<4>& w, const ConvolutionOptions& o, Activation activation)
      : kernel_(w[2]),
        stride_(o.stride),
        rows_(padding_of(x[2], w[2], o)),
        columns_(padding_of(x[3], w[3], o)),
        panels_(w[0]),
        activation_(activation),
        x_(x),
        y_(convolution_shape("kernels::Stem", x, w, o)),
        threads_(threads()) {}

  /// Floats of the packed weights and bias.
  static Index packed_floats(const Shape<4>& w) { return Panels(w[0]).floats(w[1] * w[2] * w[3]); }

  /// Weights (O, C, k, k) and bias (O), or none, become panels of output channels: bias (panel), weights
  /// (C, k, k, panel).
  static void pack(TensorView<const float, 4> w, TensorView<const float, 1> bias, float* packed) {
    Panels(w.shape[0]).pack(w.data, w.shape[1] * w.shape[2] * w.shape[3], bias.data, packed);
  }

  const Shape<4>& output_shape() const { return y_; }
  Index scratch_floats() const { return is_padded() ? threads_ * window_floats() : 0; }

  /// `scratch` has scratch_floats().
  void run(const float* x, const float* packed, float* y, float* scratch) const {
    const Index items = y_[0] * y_[2];
    std::fill_n(scratch, scratch_floats(), 0.0F);
    parallel_for(threads_, items, [&](Index i, int worker) {
      run_row(x, packed, i / y_[2], i % y_[2], scratch + worker * window_floats(), y);
    });
  }

 private:
  // The rows of all planes that one row of outputs sees, between margins of zeros.
  Index row_floats() const { return x_[3] + columns_.before + columns_.after; }
  bool is_padded() const { return rows_.before + rows_.after + columns_.before + columns_.after > 0; }
  Index window_floats() const { return x_[1] * kernel_ * row_floats(); }

  void run_row(const float* x, const float* packed, Index image, Index i, float* window, float* y) const {
    const Index top = i * stride_ - rows_.before;
    const float* rows[most_planes * largest_kernel];
    for (Index c = 0; c < x_[1]; ++c)
      for (Index u = 0; u < kernel_; ++u) {
        const Index r = top + u, at = c * kernel_ + u;
        const float* row = x + ((image * x_[1] + c) * x_[2] + r) * x_[3];
        if (!is_padded()) {
          rows[at] = row;
          continue;
        }
        float* copy = window + at * row_floats();
        rows[at] = copy;
        if (r >= 0 && r < x_[2])
          std::copy_n(row, x_[3], copy + columns_.before);
        else
          std::fill_n(copy + columns_.before, x_[3], 0.0F);
      }
    for (Index p = 0; p < panels_.count(); ++p) {
      const Panel panel = panels_[p];
      const float* weights = packed + panels_.offset(panel, x_[1] * kernel_ * kernel_);
      run_panel(panel.blocks, rows, weights,
                y + ((image * panels_.blocks() + panel.first) * y_[2] + i) * y_[3] * block);
    }
  }

  void run_panel(Index blocks, const float* const* rows, const float* weights, float* y) const {
    switch (blocks) {
      case 1: return run_cells<1>(rows, weights, y);
      case 2: return run_cells<2>(rows, weights, y);
      default: return run_cells<3>(rows, weights, y);
    }
  }

  template <int Blocks>
  void run_cells(const float* const* rows, const float* weights, float* y) const {
    constexpr int cells = cells_in_registers / Blocks;
    if (y_[3] < cells) {
      for (Index j = 0; j < y_[3]; ++j) run_tile<1, Blocks>(rows, weights, j, y);
      return;
    }
    Index j = 0;
    for (; j + cells <= y_[3]; j += cells) run_tile<cells, Blocks>(rows, weights, j, y);
    // The last cells together with some that are done: they get the same numbers again.
    if (j < y_[3]) run_tile<cells, Blocks>(rows, weights, y_[3] - cells, y);
  }

  template <int Cells, int Blocks>
  void run_tile(const float* const* rows, const float* w, Index j, float* y) const {
    Sums<Cells, Blocks> sums;
    sums.start(w);
    for (Index t = 0; t < x_[1] * kernel_; ++t)
      for (Index v = 0; v < kernel_; ++v) sums.add(rows[t] + j * stride_ + v, stride_, w += Blocks * block);
    sums.activate(activation_);
    sums.store(y + j * block, y_[2] * y_[3] * block);
  }

  Index kernel_, stride_;
  Padding rows_, columns_;
  Panels panels_;
  Activation activation_;
  Shape<4> x_, y_;
  int threads_;
};

}  // namespace pursuit::inline v0::kernels
