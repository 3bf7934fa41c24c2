// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/threads.hpp>
#include <pursuit/kernels/cpu/lanes.hpp>
#include <pursuit/kernels/cpu/panels.hpp>
#include <pursuit/kernels/cpu/sums.hpp>
#include <pursuit/kernels/layer_options.hpp>

#include <algorithm>

namespace pursuit::inline v0::kernels {

/// Convolutions that mix all channels, of any kernel, stride and dilation, by direct sums: those that Winograd's
/// algorithm is not for.
///
/// A padded image is copied between margins of zeros, so that the sums run without looking where it ends. Some channels
/// at a time are added for all cells, as many as have their weights in the first-level cache; between these passes the
/// sums lie in y. Bias, a residual and the activation come with the result.
///
/// Layout  images are (N, ceil(C / block), H, W, block) with block = lane_count; channels that fill up the last block
///         are written as zeros. Weights and bias are packed by pack().
class Dense {
 public:
  static constexpr int block = lane_count;

  /// Whether it can do this convolution.
  static bool fits(const Shape<4>&, const ConvolutionOptions& o) { return o.groups == 1; }

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
        channels_(std::max<Index>(weights_in_cache / (3 * block * w[2] * w[3]) / block, 1) * block) {}

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
  Index scratch_floats() const { return is_padded() ? x_[0] * in_blocks() * plane_floats() : 0; }

  /// `residual` is in the layout of y and added before the activation, or null; it may not overlap y. `scratch` has
  /// scratch_floats().
  void run(const float* x, const float* packed, const float* residual, float* y, float* scratch) const {
    if (is_padded()) {
      parallel_for(x_[0] * in_blocks(),
                   [&](Index i) { pad(x + i * x_[2] * x_[3] * block, scratch + i * plane_floats()); });
      x = scratch;
    }
    const Index parts = (y_[2] + rows_of_part - 1) / rows_of_part;
    parallel_for(x_[0] * panels_.count() * parts, [&](Index i) {
      const Panel panel = panels_[i / parts % panels_.count()];
      const Index n = i / parts / panels_.count(), first = i % parts * rows_of_part;
      const Index to = (n * panels_.blocks() + panel.first) * y_[2] * y_[3] * block;
      const Part part{.x = x + n * in_blocks() * plane_floats(),
                      .weights = packed + panels_.offset(panel, x_[1] * height_ * width_),
                      .residual = residual != nullptr ? residual + to : nullptr,
                      .y = y + to,
                      .first = first,
                      .last = std::min(first + rows_of_part, y_[2])};
      switch (panel.blocks) {
        case 1: return run_part<1>(part);
        case 2: return run_part<2>(part);
        default: return run_part<3>(part);
      }
    });
  }

 private:
  static constexpr Index weights_in_cache = 16 * 1024 / sizeof(float);
  static constexpr Index rows_of_part = 32;

  /// Rows [first, last) of a panel of output channels.
  struct Part {
    const float *x, *weights, *residual;
    float* y;
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

  void pad(const float* x, float* to) const {
    to = std::fill_n(to, rows_.before * row_floats(), 0.0F);
    for (Index r = 0; r < x_[2]; ++r) {
      to = std::fill_n(to, columns_.before * block, 0.0F);
      to = std::copy_n(x + r * x_[3] * block, x_[3] * block, to);
      to = std::fill_n(to, columns_.after * block, 0.0F);
    }
    std::fill_n(to, rows_.after * row_floats(), 0.0F);
  }

  template <int Blocks>
  void run_part(const Part& part) const {
    constexpr Index cells = cells_in_registers / Blocks;
    for (Index c = 0; c < x_[1]; c += channels_) {
      const Channels channels{c, std::min(c + channels_, x_[1])};
      for (Index i = part.first; i < part.last; ++i) {
        Index j = 0;
        for (; j + cells <= y_[3]; j += cells) run_tile<cells, Blocks>(part, channels, i, j);
        run_rest<cells - 1, Blocks>(part, channels, i, j);
      }
    }
  }

  // The last cells of a row.
  template <Index Most, int Blocks>
  void run_rest(const Part& part, const Channels& channels, Index i, Index j) const {
    if constexpr (Most > 0) {
      if (y_[3] - j == Most) return run_tile<Most, Blocks>(part, channels, i, j);
      run_rest<Most - 1, Blocks>(part, channels, i, j);
    }
  }

  template <Index Cells, int Blocks>
  void run_tile(const Part& part, const Channels& channels, Index i, Index j) const {
    const Index plane = y_[2] * y_[3] * block, place = (i * y_[3] + j) * block, taps = height_ * width_;
    const float* w = part.weights + channels.first * taps * Blocks * block;
    Sums<Cells, Blocks> sums;
    if (channels.first == 0)
      sums.start(w);
    else
      sums.load(part.y + place, plane);
    const Index step = stride_ * block;
    for (Index c = channels.first; c < channels.last; c += block) {
      const float* corner = part.x + c / block * plane_floats() + i * stride_ * row_floats() + j * step;
      const Index count = std::min<Index>(block, channels.last - c);
      for (Index u = 0; u < height_; ++u)
        for (Index v = 0; v < width_; ++v) {
          const float* at = corner + u * dilation_ * row_floats() + v * dilation_ * block;
          for (Index k = 0; k < count; ++k) sums.add(at + k, step, w += Blocks * block);
        }
    }
    if (channels.last == x_[1]) {
      if (part.residual != nullptr) sums.add(part.residual + place, plane);
      sums.activate(activation_);
    }
    sums.store(part.y + place, plane);
  }

  Index height_, width_, stride_, dilation_;
  Padding rows_, columns_;
  Activation activation_;
  Panels panels_;
  Shape<4> x_, y_;
  Index channels_;  // of one pass
};

}  // namespace pursuit::inline v0::kernels
