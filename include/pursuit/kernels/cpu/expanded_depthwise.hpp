// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/threads.hpp>
#include <pursuit/kernels/cpu/depthwise.hpp>
#include <pursuit/kernels/cpu/panels.hpp>
#include <pursuit/kernels/cpu/pointwise.hpp>
#include <pursuit/kernels/layer_options.hpp>

#include <algorithm>

namespace pursuit::inline v0::kernels {

/// A convolution of 1 x 1 and the depthwise one after it, the first half of an inverted residual. The wide image
/// between them, the largest of such a network, is never stored: of each panel of its channels only the rows that a
/// window sees are held, in the first-level cache.
///
/// Layout  as of Pointwise and Depthwise, which also pack the weights.
class ExpandedDepthwise {
 public:
  static constexpr int block = lane_count;

  /// Whether it can do the two convolutions.
  static bool fits(const Shape<4>& expand, const ConvolutionOptions& e, const Shape<4>& w,
                   const ConvolutionOptions& o) {
    return Pointwise::fits(expand, e) && Depthwise::fits(w, o) && w[0] == expand[0];
  }

  /// Pre: fits(expand, e, w, o), and x is large enough for one output.
  ExpandedDepthwise(const Shape<4>& x, const Shape<4>& expand, const ConvolutionOptions& e, Activation inner,
                    const Shape<4>& w, const ConvolutionOptions& o, Activation activation)
      : x_(x),
        panels_(expand[0]),
        inner_(inner),
        depthwise_(convolution_shape("kernels::ExpandedDepthwise", x, expand, e), w, o, activation),
        threads_(threads()) {}

  const Shape<4>& output_shape() const { return depthwise_.output_shape(); }
  Index scratch_floats() const { return threads_ * rings_floats(); }

  /// `expand` and `packed` come from Pointwise::pack and Depthwise::pack; `scratch` has scratch_floats().
  void run(const float* x, const float* expand, const float* packed, float* y, float* scratch) const {
    const Index in_image = (x_[1] + block - 1) / block * x_[2] * x_[3] * block;
    const Index out = output_shape()[2] * output_shape()[3] * block;
    std::fill_n(scratch, scratch_floats(), 0.0F);
    parallel_for(threads_, x_[0] * panels_.count(), [&](Index i, int worker) {
      const Index n = i / panels_.count();
      const Panel panel = panels_[i % panels_.count()];
      Pointwise::Product product{.x = nullptr,
                                 .weights = expand + panels_.offset(panel, x_[1]),
                                 .residual = nullptr,
                                 .y = nullptr,
                                 .inputs = x_[1],
                                 .x_step = x_[2] * x_[3] * block,
                                 .y_step = depthwise_.ring_floats(),
                                 .activation = inner_};
      depthwise_.run_rows(panel.blocks, packed + panel.first * depthwise_.weight_floats(),
                          y + (n * panels_.blocks() + panel.first) * out, scratch + worker * rings_floats(),
                          [&](Index r, float* row) {
                            product.x = x + n * in_image + r * x_[3] * block;
                            product.y = row;
                            Pointwise::multiply(product, panel.blocks, 0, x_[3]);
                          });
    });
  }

 private:
  Index rings_floats() const { return 3 * depthwise_.ring_floats(); }  // of the largest panel

  Shape<4> x_;
  Panels panels_;
  Activation inner_;
  Depthwise depthwise_;
  int threads_;
};

}  // namespace pursuit::inline v0::kernels
