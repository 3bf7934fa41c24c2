// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/aligned.hpp>
#include <pursuit/core/threads.hpp>
#include <pursuit/kernels/cpu/activate.hpp>
#include <pursuit/kernels/cpu/lanes.hpp>
#include <pursuit/kernels/cpu/six_points.hpp>
#include <pursuit/kernels/cpu/sums.hpp>
#include <pursuit/kernels/layer_options.hpp>

#include <algorithm>
#include <cstddef>

namespace pursuit::inline v0::kernels {

/// Convolutions of 3 x 3 and 5 x 5 with stride 1 and any dilation, by Winograd's minimal filtering on tiles of 6 x 6
/// inputs: 4 x 4 outputs of a 3 x 3 kernel with a quarter of the multiplications, 2 x 2 outputs of a 5 x 5 one with 36
/// %.
///
/// Per tile, with small constant matrices A, B and G of six interpolation points:
///
///     Y = A^T [ sum_c (G w_c G^T) . (B^T x_c B) ] A
///
/// The sums over c are 36 matrix products. The rounding is about twice that of a direct sum.
///
/// Layout  images are (N, C / block, H, W, block) with block = lane_count; weights are packed once by pack().
/// Ref     Lavin and Gray 2016, "Fast Algorithms for Convolutional Neural Networks".
class Winograd {
 public:
  static constexpr int block = lane_count;
  static constexpr int panel = 2 * lane_count;  // outputs that one pass of the matrix product keeps in registers

  /// Whether it can do this convolution.
  static bool fits(const Shape<4>& w, const ConvolutionOptions& o) {
    return (w[2] == 3 || w[2] == 5) && w[2] == w[3] && o.stride == 1 && w[1] % block == 0 &&
           w[0] / o.groups % panel == 0;
  }

  /// Pre: fits(w, o), and x is large enough for one output.
  Winograd(const Shape<4>& x, const Shape<4>& w, const ConvolutionOptions& o, Activation activation)
      : kernel_(w[2]),
        step_(points - kernel_ + 1),
        padding_(padding_of(x[2], (w[2] - 1) * o.dilation + 1, o).before),
        dilation_(o.dilation),
        groups_(o.groups),
        inputs_(w[1]),
        outputs_(w[0] / o.groups),
        activation_(activation),
        x_(x),
        y_(convolution_shape("kernels::Winograd", x, w, o)),
        rows_(tiles_along(y_[2])),
        columns_(tiles_along(y_[3])),
        tiles_(x[0] * dilation_ * dilation_ * rows_ * columns_),
        // Small, so that what lies between the three steps stays in the second-level cache; larger where the weights,
        // which every chunk rereads, do not fit into it either.
        chunk_(std::min<Index>(tiles_, weight_floats(w) < (1 << 19) ? 36 : 144)) {}

  /// Weights (O, C / groups, k, k) become (36, groups, O / panel, C, panel).
  static AlignedVector<float> pack(TensorView<const float, 4> w, int groups) {
    AlignedVector<float> packed(static_cast<std::size_t>(weight_floats(w.shape)));
    if (w.shape[2] == 3)
      pack_sized<3>(w, groups, packed.data());
    else
      pack_sized<5>(w, groups, packed.data());
    return packed;
  }

  static Index weight_floats(const Shape<4>& w) { return points * points * w[0] * w[1]; }
  const Shape<4>& output_shape() const { return y_; }
  Index scratch_floats() const { return points * points * (slab(inputs_) + slab(outputs_)); }

  /// `bias` has one number for each output or is null; `residual` is in the layout of y and added before the
  /// activation, or null; `scratch` has scratch_floats().
  void run(const float* x, const float* packed, const float* bias, const float* residual, float* y,
           float* scratch) const {
    if (kernel_ == 3)
      run_sized<4>(x, packed, bias, residual, y, scratch);
    else
      run_sized<2>(x, packed, bias, residual, y, scratch);
  }

 private:
  using Points = SixPoints<float>;
  static constexpr int points = Points::points;

  // The numbers of one frequency for a chunk of tiles; the odd 64 bytes keep the 36 of them apart in the cache.
  Index slab(Index channels) const { return chunk_ * channels * groups_ + 16; }

  // A panel of outputs at a time, which is what lies side by side.
  template <int Kernel>
  static void pack_sized(const TensorView<const float, 4>& w, int groups, float* packed) {
    const Index inputs = w.shape[1], outputs = w.shape[0] / groups;
    double g[points][Kernel];
    for (int i = 0; i < points; ++i)
      for (int u = 0; u < Kernel; ++u) g[i][u] = Points::tap(i, u, Kernel);
    for (Index o = 0; o < w.shape[0]; o += panel)
      for (Index c = 0; c < inputs; ++c) {
        double taps[Kernel * Kernel][panel], half[Kernel][panel];
        for (int n = 0; n < panel; ++n)
          for (int t = 0; t < Kernel * Kernel; ++t) taps[t][n] = w.data[((o + n) * inputs + c) * Kernel * Kernel + t];
        float* const to = packed + ((o / outputs * (outputs / panel) + o % outputs / panel) * inputs + c) * panel;
        for (int i = 0; i < points; ++i) {
          for (int v = 0; v < Kernel; ++v)  // row i of G w
            for (int n = 0; n < panel; ++n) {
              double sum = 0;
              for (int u = 0; u < Kernel; ++u) sum += g[i][u] * taps[u * Kernel + v][n];
              half[v][n] = sum;
            }
          for (int j = 0; j < points; ++j)
            for (int n = 0; n < panel; ++n) {
              double sum = 0;
              for (int v = 0; v < Kernel; ++v) sum += half[v][n] * g[j][v];
              to[(i * points + j) * w.shape[0] * inputs + n] = static_cast<float>(sum);
            }
        }
      }
  }

  template <int Step>
  void run_sized(const float* x, const float* packed, const float* bias, const float* residual, float* y,
                 float* scratch) const {
    float* spectra = scratch;
    float* products = scratch + points * points * slab(inputs_);
    const Index in_blocks = inputs_ * groups_ / block, out_blocks = outputs_ * groups_ / block;
    const Index panels = outputs_ / panel, all_panels = points * points * groups_ * panels;
    for (Index first = 0; first < tiles_; first += chunk_) {
      const Index count = std::min(chunk_, tiles_ - first);
      parallel_for(count * in_blocks,
                   [&](Index i) { take(x, first + i / in_blocks, i % in_blocks, spectra + i * block); });
      parallel_for(all_panels, [&](Index i) {
        const Index frequency = i / (groups_ * panels), g = i / panels % groups_, p = i % panels;
        multiply(spectra + frequency * slab(inputs_) + g * inputs_, packed + i * inputs_ * panel,
                 products + frequency * slab(outputs_) + g * outputs_ + p * panel, count);
      });
      parallel_for(count * out_blocks, [&](Index i) {
        give<Step>(products + i * block, bias, residual, i % out_blocks, first + i / out_blocks, y);
      });
    }
  }

  // With dilation d the outputs that are d apart, in either direction, are a convolution of their own without dilation:
  // d x d of them, each with its own tiles, of which the last may have no output.
  Index tiles_along(Index outputs) const {
    const Index longest = (outputs + dilation_ - 1) / dilation_;
    return (longest + step_ - 1) / step_;
  }

  // The first output of a tile; the others are dilation_ apart.
  struct Place {
    Index image, row, column;
  };
  Place place(Index tile) const {
    const Index column = tile % columns_, row = tile / columns_ % rows_, phase = tile / (columns_ * rows_),
                d = dilation_;
    return {phase / (d * d), row * step_ * d + phase / d % d, column * step_ * d + phase % d};
  }

  // The spectrum of one tile and block of channels, one slab apart for each frequency.
  void take(const float* x, Index tile, Index channel_block, float* out) const {
    const Place at = place(tile);
    const Index height = x_[2], width = x_[3], top = at.row - padding_, left = at.column - padding_;
    const float* plane = x + (at.image * (x_[1] / block) + channel_block) * height * width * block;
    Lanes half[points][points];  // [column][row]
    const Index reach = (points - 1) * dilation_;
    const bool inside = top >= 0 && left >= 0 && top + reach < height && left + reach < width;
    for (int j = 0; j < points; ++j) {
      Lanes d[points];
      for (int i = 0; i < points; ++i) {
        const Index r = top + i * dilation_, c = left + j * dilation_;
        d[i] =
            inside || (r >= 0 && r < height && c >= 0 && c < width) ? lanes(plane + (r * width + c) * block) : Lanes{};
      }
      Points::forward(d, half[j]);
    }
    const Index stride = slab(inputs_);
    for (int i = 0; i < points; ++i) {
      const Lanes d[points] = {half[0][i], half[1][i], half[2][i], half[3][i], half[4][i], half[5][i]};
      Lanes t[points];
      Points::forward(d, t);
      for (int j = 0; j < points; ++j) lanes(out + (i * points + j) * stride) = t[j];
    }
  }

  // (count, inputs) times (inputs, panel) for one frequency and group.
  void multiply(const float* spectra, const float* weights, float* products, Index count) const {
    Index t = 0;
    for (; t + 6 <= count; t += 6) multiply_rows<6>(spectra, weights, products, t);
    switch (count - t) {
      case 5: return multiply_rows<5>(spectra, weights, products, t);
      case 4: return multiply_rows<4>(spectra, weights, products, t);
      case 3: return multiply_rows<3>(spectra, weights, products, t);
      case 2: return multiply_rows<2>(spectra, weights, products, t);
      case 1: return multiply_rows<1>(spectra, weights, products, t);
      default: return;
    }
  }

  template <int Rows>
  void multiply_rows(const float* spectra, const float* weights, float* products, Index t) const {
    const Index from = inputs_ * groups_, to = outputs_ * groups_;  // from one tile to the next
    Sums<Rows, 2> sums;
    sums.clear();
    for (Index k = 0; k < inputs_; ++k) sums.add(spectra + t * from + k, from, weights + k * panel);
    sums.store(products + t * to, block, to);
  }

  // The outputs of one tile and block of channels.
  template <int Step>
  void give(const float* products, const float* bias, const float* residual, Index channel_block, Index tile,
            float* y) const {
    const Index stride = slab(outputs_);
    Lanes half[points][Step];  // [column][row]
    for (int j = 0; j < points; ++j) {
      Lanes m[points];
      for (int i = 0; i < points; ++i) m[i] = lanes(products + (i * points + j) * stride);
      Points::backward(m, half[j]);
    }
    const Place at = place(tile);
    const Index height = y_[2], width = y_[3];
    const Index plane = (at.image * (y_[1] / block) + channel_block) * height * width * block;
    const Lanes offset = bias != nullptr ? lanes(bias + channel_block * block) : Lanes{};
    const Index rows = std::min<Index>(Step, (height - at.row + dilation_ - 1) / dilation_);
    const Index columns = std::min<Index>(Step, (width - at.column + dilation_ - 1) / dilation_);
    for (Index i = 0; i < rows; ++i) {
      const Lanes m[points] = {half[0][i], half[1][i], half[2][i], half[3][i], half[4][i], half[5][i]};
      Lanes out[Step];
      Points::backward(m, out);
      const Index row = plane + ((at.row + i * dilation_) * width + at.column) * block;
      for (Lanes& value : out) value += offset;
      if (residual != nullptr)
        for (Index j = 0; j < columns; ++j) out[j] += lanes(residual + row + j * dilation_ * block);
      activate(out, activation_);
      for (Index j = 0; j < columns; ++j) lanes(y + row + j * dilation_ * block) = out[j];
    }
  }

  Index kernel_, step_, padding_, dilation_;
  Index groups_, inputs_, outputs_;  // channels of one group
  Activation activation_;
  Shape<4> x_, y_;
  Index rows_, columns_, tiles_, chunk_;
};

}  // namespace pursuit::inline v0::kernels
