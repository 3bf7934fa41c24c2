// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/aligned.hpp>
#include <pursuit/core/threads.hpp>
#include <pursuit/kernels/cpu/lanes.hpp>
#include <pursuit/kernels/cpu/panels.hpp>
#include <pursuit/kernels/cpu/sums.hpp>
#include <pursuit/kernels/layer_options.hpp>

#include <algorithm>
#include <cstddef>

namespace pursuit::inline v0::kernels {

/// Convolutions of 1 x 1: a matrix product whose result, up to three blocks of channels for a few cells, stays in
/// registers while all input channels pass by. Bias, a residual and the activation come with the result.
///
/// Layout  images are (N, ceil(C / block), H, W, block) with block = lane_count; channels that fill up the last block
///         are written as zeros. Weights and bias are packed by pack().
class Pointwise {
 public:
  static constexpr int block = lane_count;

  /// Whether it can do this convolution.
  static bool fits(const Shape<4>& w, const ConvolutionOptions& o) {
    return w[2] == 1 && w[3] == 1 && o.stride == 1 && o.padding == 0 && o.groups == 1;
  }

  /// Pre: fits(w, o).
  Pointwise(const Shape<4>& x, const Shape<4>& w, const ConvolutionOptions& o, Activation activation)
      : images_(x[0]),
        inputs_(w[1]),
        cells_(x[2] * x[3]),
        panels_(w[0]),
        y_(convolution_shape("kernels::Pointwise", x, w, o)),
        activation_(activation) {}

  /// Floats of the packed weights and bias.
  static Index packed_floats(const Shape<4>& w) { return Panels(w[0]).floats(w[1]); }

  /// Weights (O, C, 1, 1) and bias (O), or none, become panels of output channels: bias (panel), weights (C, panel).
  static void pack(TensorView<const float, 4> w, TensorView<const float, 1> bias, float* packed) {
    Panels(w.shape[0]).pack(w.data, w.shape[1], bias.data, packed);
  }

  const Shape<4>& output_shape() const { return y_; }

  /// `residual` is in the layout of y and added before the activation, or null; it may not overlap y.
  void run(const float* x, const float* packed, const float* residual, float* y) const {
    const Index in_image = (inputs_ + block - 1) / block * cells_ * block;
    const Index chunks = (cells_ + chunk - 1) / chunk, items = images_ * panels_.count() * chunks;
    parallel_for(items, [&](Index i) {
      const Index n = i / (panels_.count() * chunks), first = i % chunks * chunk;
      const Panel panel = panels_[i / chunks % panels_.count()];
      const Index to = (n * panels_.blocks() + panel.first) * cells_ * block;
      multiply({.x = x + n * in_image,
                .weights = packed + panels_.offset(panel, inputs_),
                .residual = residual != nullptr ? residual + to : nullptr,
                .y = y + to,
                .inputs = inputs_,
                .x_step = cells_ * block,
                .y_step = cells_ * block,
                .activation = activation_},
               panel.blocks, first, std::min(chunk, cells_ - first));
    });
  }

  /// One panel of output channels; blocks of channels are x_step and y_step floats apart.
  struct Product {
    const float *x, *weights, *residual;
    float* y;
    Index inputs, x_step, y_step;
    Activation activation;
  };

  /// The cells [first, first + count) of the product.
  static void multiply(const Product& p, Index blocks, Index first, Index count) {
    switch (blocks) {
      case 1: return multiply_cells<1>(p, first, count);
      case 2: return multiply_cells<2>(p, first, count);
      default: return multiply_cells<3>(p, first, count);
    }
  }

 private:
  static constexpr Index chunk = 192;  // cells of one item of work, a multiple of the cells of one pass

  template <int Blocks>
  static void multiply_cells(const Product& p, Index first, Index count) {
    constexpr int cells = cells_in_registers / Blocks;
    static_assert(chunk % cells == 0);
    if (count < cells) {
      for (Index i = 0; i < count; ++i) multiply_tile<1, Blocks>(p, first + i);
      return;
    }
    Index i = 0;
    for (; i + cells <= count; i += cells) multiply_tile<cells, Blocks>(p, first + i);
    // The last cells together with some that are done: they get the same numbers again.
    if (i < count) multiply_tile<cells, Blocks>(p, first + count - cells);
  }

  template <int Cells, int Blocks>
  static void multiply_tile(const Product& p, Index first) {
    const float *x = p.x + first * block, *w = p.weights;
    Sums<Cells, Blocks> sums;
    sums.start(w);
    for (Index c = 0; c < p.inputs; c += block, x += p.x_step)
      for (Index k = 0; k < std::min<Index>(block, p.inputs - c); ++k) sums.add(x + k, block, w += Blocks * block);
    if (p.residual != nullptr) sums.add(p.residual + first * block, p.y_step);
    sums.activate(p.activation);
    sums.store(p.y + first * block, p.y_step);
  }

  Index images_, inputs_, cells_;
  Panels panels_;
  Shape<4> y_;
  Activation activation_;
};

}  // namespace pursuit::inline v0::kernels
