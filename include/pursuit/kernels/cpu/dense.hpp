// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/threads.hpp>
#include <pursuit/kernels/cpu/lanes.hpp>
#include <pursuit/kernels/cpu/panels.hpp>
#include <pursuit/kernels/cpu/sums.hpp>
#include <pursuit/kernels/layer_options.hpp>

#include <algorithm>

namespace pursuit::inline v0::kernels {

/// Convolutions that mix all channels, of any kernel above 1 x 1 and any dilation, by direct sums: those that
/// Winograd's algorithm is not for.
///
/// A padded image is copied between margins of zeros, so that the sums run without looking where it ends. Some channels
/// at a time are added for all cells, as many as have their weights in the first-level cache; between these passes the
/// sums wait in memory. Bias, a residual and the activation come with the result.
///
/// Layout  images are (N, ceil(C / block), H, W, block) with block = lane_count; channels that fill up the last block
///         are written as zeros. Weights and bias are packed by pack().
class Dense {
 public:
  static constexpr int block = lane_count;

  /// Whether it can do this convolution.
  static bool fits(const Shape<4>& w, const ConvolutionOptions& o) {
    return o.groups == 1 && o.stride <= 2 && w[2] * w[3] > 1;
  }

  /// Pre: fits(w, o), and x is large enough for one output.
  Dense(const Shape<4>& x, const Shape<4>& w, const ConvolutionOptions& o, Activation activation)
      : height_(w[2]),
        width_(w[3]),
        stride_(o.stride),
        dilation_(o.dilation),
        rows_(padding_of(x[2], (w[2] - 1) * o.dilation + 1, o)),
        columns_(padding_of(x[3], (w[3] - 1) * o.dilation + 1, o)),
        activation_(activation),
        panels_(w[0]),
        x_(x),
        y_(convolution_shape("kernels::Dense", x, w, o)),
        channels_(std::max<Index>(weights_in_cache / (3 * block * w[2] * w[3]) / block, 1) * block),
        threads_(threads()) {}

  /// Floats of the packed weights and bias.
  static Index packed_floats(const Shape<4>& w) { return Panels(w[0]).floats(w[1] * w[2] * w[3]); }

  /// Weights (O, C, kh, kw) and bias (O), or none, become panels of output channels: bias (panel), weights
  /// (C / block, kh, kw, block, panel).
  static void pack(TensorView<const float, 4> w, TensorView<const float, 1> bias, float* packed) {
    const Index inputs = w.shape[1], taps = w.shape[2] * w.shape[3];
    const Panels panels(w.shape[0]);
    const auto write = [&](const Panel& panel, auto&& number) {
      for (Index k = 0; k < panel.blocks * block; ++k) {
        const Index o = panel.first * block + k;
        *packed++ = o < w.shape[0] ? number(o) : 0.0F;
      }
    };
    for (Index i = 0; i < panels.count(); ++i) {
      write(panels[i], [&](Index o) { return bias.data != nullptr ? bias.data[o] : 0.0F; });
      for (Index first = 0; first < inputs; first += block)
        for (Index t = 0; t < taps; ++t)
          for (Index c = first; c < std::min(first + block, inputs); ++c)
            write(panels[i], [&](Index o) { return w.data[(o * inputs + c) * taps + t]; });
    }
  }

  const Shape<4>& output_shape() const { return y_; }
  Index scratch_floats() const { return padded_floats() + threads_ * waiting_floats(); }

  /// `residual` is in the layout of y and added before the activation, or null; it may not overlap y. `scratch` has
  /// scratch_floats().
  void run(const float* x, const float* packed, const float* residual, float* y, float* scratch) const {
    if (is_padded()) {
      parallel_for(x_[0] * in_blocks(),
                   [&](Index i) { pad(x + i * x_[2] * x_[3] * block, scratch + i * plane_floats()); });
      x = scratch;
    }
    float* waiting = scratch + padded_floats();
    const Index parts = (y_[2] + rows_of_part - 1) / rows_of_part;
    parallel_for(threads_, x_[0] * panels_.count() * parts, [&](Index i, int worker) {
      const Panel panel = panels_[i / parts % panels_.count()];
      const Index n = i / parts / panels_.count(), first = i % parts * rows_of_part;
      const Index to = (n * panels_.blocks() + panel.first) * y_[2] * y_[3] * block;
      const Part part{.x = x + n * in_blocks() * plane_floats(),
                      .weights = packed + panels_.offset(panel, x_[1] * height_ * width_),
                      .residual = residual != nullptr ? residual + to : nullptr,
                      .y = y + to,
                      .waiting = waiting + worker * waiting_floats(),
                      .first = first,
                      .last = std::min(first + rows_of_part, y_[2])};
      stride_ == 1 ? run_part<1>(part, panel.blocks) : run_part<2>(part, panel.blocks);
    });
  }

 private:
  static constexpr Index weights_in_cache = 16 * 1024 / sizeof(float);
  static constexpr Index rows_of_part = 32;

  /// Rows [first, last) of a panel of output channels.
  struct Part {
    const float *x, *weights, *residual;
    float *y, *waiting;
    Index first, last;
  };
  /// Input channels [first, last) of all.
  struct Channels {
    Index first, last;
  };

  bool is_padded() const { return rows_.before + rows_.after + columns_.before + columns_.after > 0; }
  Index in_blocks() const { return (x_[1] + block - 1) / block; }
  Index row_floats() const { return (x_[3] + columns_.before + columns_.after) * block; }
  Index plane_floats() const { return (x_[2] + rows_.before + rows_.after) * row_floats(); }
  Index padded_floats() const { return is_padded() ? x_[0] * in_blocks() * plane_floats() : 0; }
  // Sums of a part, of which the last ones of a row may be there twice.
  Index waiting_floats() const {
    return x_[1] > channels_ ? std::min(rows_of_part, y_[2]) * (y_[3] + cells_in_registers) * 3 * block : 0;
  }

  void pad(const float* x, float* to) const {
    to = std::fill_n(to, rows_.before * row_floats(), 0.0F);
    for (Index r = 0; r < x_[2]; ++r) {
      to = std::fill_n(to, columns_.before * block, 0.0F);
      to = std::copy_n(x + r * x_[3] * block, x_[3] * block, to);
      to = std::fill_n(to, columns_.after * block, 0.0F);
    }
    std::fill_n(to, rows_.after * row_floats(), 0.0F);
  }

  template <int Stride>
  void run_part(const Part& part, Index blocks) const {
    switch (blocks) {
      case 1: return run_channels<Stride, 1>(part);
      case 2: return run_channels<Stride, 2>(part);
      default: return run_channels<Stride, 3>(part);
    }
  }

  template <int Stride, int Blocks>
  void run_channels(const Part& part) const {
    for (Index c = 0; c < x_[1]; c += channels_) {
      const Channels channels{c, std::min(c + channels_, x_[1])};
      if (y_[3] < cells_in_registers / Blocks)
        run_cells<Stride, 1, Blocks>(part, channels);
      else
        run_cells<Stride, cells_in_registers / Blocks, Blocks>(part, channels);
    }
  }

  template <int Stride, int Cells, int Blocks>
  void run_cells(const Part& part, const Channels& channels) const {
    Index waiting = 0;
    for (Index i = part.first; i < part.last; ++i)
      for (Index j = 0; j < y_[3]; j += Cells, waiting += Cells * Blocks * block)
        // The last cells together with some that are done: they get the same numbers again.
        run_tile<Stride, Cells, Blocks>(part, channels, i, std::min(j, y_[3] - Cells), waiting);
  }

  template <int Stride, int Cells, int Blocks>
  void run_tile(const Part& part, const Channels& channels, Index i, Index j, Index waiting) const {
    constexpr Index step = Stride * block;
    const float* w = part.weights + channels.first * height_ * width_ * Blocks * block;
    Sums<Cells, Blocks> sums;
    if (channels.first == 0)
      sums.start(w);
    else
      sums.load(part.waiting + waiting, block, Blocks * block);
    const Index row_step = dilation_ * row_floats(), column_step = dilation_ * block;
    const float* corner = part.x + channels.first / block * plane_floats() + i * Stride * row_floats() + j * step;
    for (Index c = channels.first; c < channels.last; c += block, corner += plane_floats()) {
      const Index count = std::min<Index>(block, channels.last - c);
      for (Index u = 0; u < height_; ++u)
        for (Index v = 0; v < width_; ++v) {
          const float* at = corner + u * row_step + v * column_step;
          for (Index k = 0; k < count; ++k) sums.add(at + k, step, w += Blocks * block);
        }
    }
    if (channels.last < x_[1]) return sums.store(part.waiting + waiting, block, Blocks * block);
    const Index plane = y_[2] * y_[3] * block, place = (i * y_[3] + j) * block;
    if (part.residual != nullptr) sums.add(part.residual + place, plane);
    sums.activate(activation_);
    sums.store(part.y + place, plane);
  }

  Index height_, width_, stride_, dilation_;
  Padding rows_, columns_;
  Activation activation_;
  Panels panels_;
  Shape<4> x_, y_;
  Index channels_;  // of one pass
  int threads_;
};

}  // namespace pursuit::inline v0::kernels
