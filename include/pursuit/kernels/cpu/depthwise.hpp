// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/threads.hpp>
#include <pursuit/kernels/cpu/lanes.hpp>
#include <pursuit/kernels/cpu/sums.hpp>
#include <pursuit/kernels/layer_options.hpp>

#include <algorithm>

namespace pursuit::inline v0::kernels {

/// Convolutions of each channel with a kernel of its own.
///
/// Rows of the input are copied between two margins of zeros, as many rows as a window is high, so that the sums of a
/// row of outputs run without looking where the image ends. Without padding they are read where they are.
///
/// Layout  images are (N, ceil(C / block), H, W, block) with block = lane_count; channels that fill up the last block
///         are written as zeros. Weights and bias are packed by pack().
class Depthwise {
 public:
  static constexpr int block = lane_count;
  static constexpr int largest_kernel = 8;

  /// Whether it can do this convolution.
  static bool fits(const Shape<4>& w, const ConvolutionOptions& o) {
    return w[1] == 1 && w[0] == o.groups && w[2] == w[3] && w[2] <= largest_kernel && o.stride <= 2 &&
           o.padding < w[2] && o.dilation == 1;
  }

  /// Pre: fits(w, o), and x is large enough for one output.
  Depthwise(const Shape<4>& x, const Shape<4>& w, const ConvolutionOptions& o, Activation activation)
      : kernel_(w[2]),
        stride_(o.stride),
        rows_(padding_of(x[2], w[2], o)),
        columns_(padding_of(x[3], w[3], o)),
        activation_(activation),
        x_(x),
        y_(convolution_shape("kernels::Depthwise", x, w, o)),
        threads_(threads()) {}

  /// Floats of the packed weights and bias.
  static Index packed_floats(const Shape<4>& w) { return blocks(w[0]) * block * (w[2] * w[3] + 1); }

  /// Weights (C, 1, k, k) and bias (C), or none, become blocks of channels: bias (block), weights (k, k, block).
  static void pack(TensorView<const float, 4> w, TensorView<const float, 1> bias, float* packed) {
    const Index channels = w.shape[0], taps = w.shape[2] * w.shape[3];
    for (Index first = 0; first < channels; first += block)
      for (Index t = -1; t < taps; ++t)
        for (Index c = first; c < first + block; ++c) {
          const float* from = t < 0 ? (bias.data != nullptr ? bias.data + c : nullptr) : w.data + c * taps + t;
          *packed++ = c < channels && from != nullptr ? *from : 0.0F;
        }
  }

  const Shape<4>& output_shape() const { return y_; }
  Index scratch_floats() const { return is_padded() ? threads_ * ring_floats() : 0; }

  /// `scratch` has scratch_floats().
  void run(const float* x, const float* packed, float* y, float* scratch) const {
    const Index each = blocks(x_[1]), items = x_[0] * each;
    const Index in = x_[2] * x_[3] * block, out = y_[2] * y_[3] * block;
    std::fill_n(scratch, scratch_floats(), 0.0F);
    parallel_for(threads_, items, [&](Index i, int worker) {
      const float* plane = x + i * in;
      const float* weights = packed + i % each * weight_floats();
      if (!is_padded()) return run_unpadded(plane, weights, y + i * out);
      run_rows(1, weights, y + i * out, scratch + worker * ring_floats(), [plane, width = x_[3]](Index r, float* row) {
        for (Index j = 0; j < width; ++j) lanes(row + j * block) = lanes(plane + (r * width + j) * block);
      });
    });
  }

  /// Floats of the rows that run_rows() holds for each block of channels.
  Index ring_floats() const { return (ring_rows() + 1) * row_floats(); }
  /// Floats of the packed weights and bias of each block of channels.
  Index weight_floats() const { return block * (kernel_ * kernel_ + 1); }

  /// Neighbouring blocks of channels of an image whose rows are made when they are needed: make(r, row) writes row r of
  /// the first block to `row`, those of the others ring_floats() further each. `rings` is ring_floats() long for each
  /// block, and zero when it is used for the first time.
  template <class Make>
  void run_rows(Index count, const float* weights, float* y, float* rings, Make&& make) const {
    const Index last = ring_rows() - 1, out = y_[2] * y_[3] * block;
    Index made = 0;
    for (Index i = 0; i < y_[2]; ++i) {
      const Index top = i * stride_ - rows_.before, bottom = std::min(top + kernel_, x_[2]);
      for (made = std::max(made, top); made < bottom; ++made)
        make(made, rings + (made & last) * row_floats() + columns_.before * block);
      for (Index b = 0; b < count; ++b) {
        const float* ring = rings + b * ring_floats();
        const float* rows[largest_kernel];
        for (Index u = 0, r = top; u < kernel_; ++u, ++r)
          rows[u] = ring + (r < 0 || r >= x_[2] ? ring_rows() : r & last) * row_floats();
        run_row(rows, weights + b * weight_floats(), y + b * out + i * y_[3] * block);
      }
    }
  }

 private:
  static Index blocks(Index channels) { return (channels + block - 1) / block; }

  // Rows of a window, up to a power of two, and one of zeros.
  Index ring_rows() const { return kernel_ <= 4 ? 4 : largest_kernel; }
  Index row_floats() const { return (x_[3] + columns_.before + columns_.after) * block; }
  bool is_padded() const { return rows_.before + rows_.after + columns_.before + columns_.after > 0; }

  void run_unpadded(const float* x, const float* weights, float* y) const {
    for (Index i = 0; i < y_[2]; ++i) {
      const float* rows[largest_kernel];
      for (Index u = 0; u < kernel_; ++u) rows[u] = x + (i * stride_ + u) * x_[3] * block;
      run_row(rows, weights, y + i * y_[3] * block);
    }
  }

  void run_row(const float* const* rows, const float* weights, float* y) const {
    stride_ == 1 ? run_row_of<1>(rows, weights, y) : run_row_of<2>(rows, weights, y);
  }

  template <int Stride>
  void run_row_of(const float* const* rows, const float* weights, float* y) const {
    if (y_[3] < 8) return run_cells<Stride, 0, 1>(rows, weights, y);
    switch (kernel_) {
      case 3: return run_cells<Stride, 3, 8>(rows, weights, y);
      case 5: return run_cells<Stride, 5, 8>(rows, weights, y);
      default: return run_cells<Stride, 0, 8>(rows, weights, y);
    }
  }

  // Kernel is 0 where it is not known at compile time.
  template <int Stride, int Kernel, int Cells>
  void run_cells(const float* const* rows, const float* weights, float* y) const {
    Index j = 0;
    for (; j + Cells <= y_[3]; j += Cells) run_tile<Stride, Kernel, Cells>(rows, weights, j, y);
    // The last cells together with some that are done: they get the same numbers again.
    if (j < y_[3]) run_tile<Stride, Kernel, Cells>(rows, weights, y_[3] - Cells, y);
  }

  template <int Stride, int Kernel, int Cells>
  void run_tile(const float* const* rows, const float* weights, Index j, float* y) const {
    Sums<Cells, 1> sums;
    sums.start(weights);
    const float* w = weights + block;
    for (Index u = 0; u < kernel_; ++u) {
      const float* at = rows[u] + j * Stride * block;
      if constexpr (Kernel != 0) {
        sums.template add_window<Kernel, Stride>(at, w);
        w += Kernel * block;
      } else {
        for (Index v = 0; v < kernel_; ++v, w += block) sums.add_each(at + v * block, Stride * block, w);
      }
    }
    sums.activate(activation_);
    sums.store(y + j * block, 0);
  }

  Index kernel_, stride_;
  Padding rows_, columns_;
  Activation activation_;
  Shape<4> x_, y_;
  int threads_;
};

}  // namespace pursuit::inline v0::kernels
