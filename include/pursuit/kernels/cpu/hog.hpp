// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/aligned.hpp>
#include <pursuit/core/tensor_view.hpp>
#include <pursuit/kernels/cpu/square_root.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace pursuit::inline v0::kernels::cpu {

/// What hog() keeps from call to call, so that it allocates nothing once it has seen its largest patch.
///
/// Votes are gathered in the squares between four cell centres: a pixel adds one vector of four shares, for the cells
/// at the square's corners, instead of four numbers in four places. A finished row of squares is then added to the
/// histograms of the cell row above it and of the one below it.
class HogWorkspace {
  using Float4 [[gnu::vector_size(16)]] = float;
#if defined(__AVX2__)
  static constexpr Index lanes = 8;
#else
  static constexpr Index lanes = 4;
#endif
  // Handed on by reference: by value, its calling convention varies.
  using Wide [[gnu::vector_size(lanes * 4)]] = float;
  static constexpr Index bins = 18;
  static constexpr Index block = lanes;  // cells that are normalised at a time

 public:
  void run(const TensorView<const float, 3>& patch, Index cell, const TensorView<float, 3>& out) {
    reserve(patch.shape, cell);
    for (Index y = 0; y < rows_ * cell; ++y) {
      if (patch.shape[0] == 3)
        gradients<3>(patch, y);
      else
        gradients<1>(patch, y);
      const Share share = share_of(y, cell, rows_);
      if (y > 0 && share.after != square_row_) finish_square_row();
      square_row_ = share.after;
      vote(Float4{share.to_before, share.to_before, share.to_after, share.to_after});
    }
    finish_square_row();
    normalise();
    for (Index r = 0; r < rows_; ++r) describe(r, out);
  }

 private:
  static constexpr std::size_t at(Index i) { return static_cast<std::size_t>(i); }

  /// A pixel lies between the centres of cells after - 1 and after, which share its vote. A cell at the rim, of which
  /// a part of the votes lies outside, gets more for those inside.
  struct Share {
    Index after;
    float to_before, to_after;
  };
  static Share share_of(Index pixel, Index cell, Index cells) {
    const auto place = [&](Index i) { return (static_cast<double>(i) + 0.5) / static_cast<double>(cell) + 0.5; };
    double lost = 0;  // of the votes of an outermost cell, as a part of all
    for (Index i = 0; i < cell; ++i) lost += std::max(0.0, 1 - place(i)) / static_cast<double>(cell);
    // In an image of one cell both rims lie beyond it.
    const auto kept = [&](Index c) { return 1 - lost * ((c == 0 ? 1 : 0) + (c == cells - 1 ? 1 : 0)); };
    const double p = place(pixel), after = std::floor(p), part = p - after;
    const auto a = static_cast<Index>(after);
    return {a, static_cast<float>((1 - part) / kept(a - 1)), static_cast<float>(part / kept(a))};
  }

  void reserve(const Shape<3>& shape, Index cell) {
    if (shape == shape_ && cell == cell_) return;
    shape_ = shape;
    cell_ = cell;
    rows_ = shape[1] / cell;
    cols_ = shape[2] / cell;
    width_ = (cols_ + 1 + block) / block * block + block;
    const Index pixels = cols_ * cell;
    magnitude_.resize(at(pixels));
    slot_.resize(at(pixels));
    square_of_.resize(at(pixels));
    share_of_.resize(at(pixels));
    for (Index x = 0; x < pixels; ++x) {
      const Share share = share_of(x, cell, cols_);
      square_of_[at(x)] = static_cast<std::int32_t>(share.after);
      share_of_[at(x)].v = Float4{share.to_before, share.to_after, share.to_before, share.to_after};
    }
    votes_.assign(at(bins * width_), Four{});
    histogram_.assign(at(rows_ * bins * width_), 0.0F);
    energy_.assign(at(rows_ * width_), 0.0F);
    inverse_norm_.assign(at((rows_ + 1) * width_), 0.0F);
  }

  // One pixel or many: the same text serves both, because conditions choose element by element.
  struct One {
    using Real = float;
    using Int = std::int32_t;
    static constexpr Index size = 1;
  };
  struct Many {
    using Real = Wide;
    using Int [[gnu::vector_size(lanes * 4)]] = std::int32_t;
    static constexpr Index size = lanes;
  };

  /// The magnitude of each pixel's gradient in row y, and where it votes.
  template <int C>
  void gradients(const TensorView<const float, 3>& patch, Index y) {
    const Index w = patch.shape[2], pixels = cols_ * cell_;
    const auto inner = std::min(pixels, w - 1);
    gradients<C, One>(patch, y, 0, 0, std::min<Index>(1, w - 1), 2);
    Index x = 1;
    for (; x + Many::size <= inner; x += Many::size) gradients<C, Many>(patch, y, x, x - 1, x + 1, 1);
    for (; x < inner; ++x) gradients<C, One>(patch, y, x, x - 1, x + 1, 1);
    if (pixels == w && w > 1) gradients<C, One>(patch, y, w - 1, w - 2, w - 1, 2);
    square_roots(magnitude_.data(), pixels);
  }

  /// The same, squared, for the pixels from x on, from their neighbours; a one-sided difference counts twice.
  template <int C, class Lanes>
  void gradients(const TensorView<const float, 3>& patch, Index y, Index x, Index left, Index right, float x_scale) {
    using Real = typename Lanes::Real;
    using Int = typename Lanes::Int;
    const Index h = patch.shape[1], w = patch.shape[2];
    const float* row = patch.data + y * w;
    const float* up = patch.data + std::max<Index>(y - 1, 0) * w + x;
    const float* down = patch.data + std::min(y + 1, h - 1) * w + x;
    const float y_scale = y == 0 || y == h - 1 ? 2.0F : 1.0F;
    const auto difference = [](const float* low, const float* high, float scale, Real& d) {
      Real a, b;
      std::memcpy(&a, low, sizeof a);
      std::memcpy(&b, high, sizeof b);
      d = (b - a) * scale;
    };
    Real dx, dy;
    difference(row + left, row + right, x_scale, dx);
    difference(up, down, y_scale, dy);
    Real strongest = dx * dx + dy * dy;
    for (int k = 1; k < C; ++k) {
      row += h * w;
      up += h * w;
      down += h * w;
      Real gx, gy;
      difference(row + left, row + right, x_scale, gx);
      difference(up, down, y_scale, gy);
      const Real strength = gx * gx + gy * gy;
      dx = strength > strongest ? gx : dx;
      dy = strength > strongest ? gy : dy;
      strongest = strength > strongest ? strength : strongest;
    }
    // The direction, of 18 that are 20 degrees apart, without an arc tangent: turned into the upper half, then
    // mirrored into the first quarter, it is a count of the borders at 10, 30, 50 and 70 degrees that it is past.
    const Real none{};
    const Int zero{}, one = zero + 1, nine = zero + 9;
    const Real a = dx < none ? -dx : dx, b = dy < none ? -dy : dy;
    const Int past = (b > a * 0.17632698F ? one : zero) + (b > a * 0.57735027F ? one : zero) +
                     (b > a * 1.1917536F ? one : zero) + (b > a * 2.7474774F ? one : zero);
    const Real turned = dy < none ? -dx : dx;
    Int bin = turned < none ? nine - past : past;
    bin += dy < none ? nine : zero;
    bin = bin > 17 ? zero : bin;  // 18 x 20 degrees
    Int square;
    std::memcpy(&square, square_of_.data() + x, sizeof square);
    const Int slot = bin * static_cast<std::int32_t>(width_) + square;
    std::memcpy(magnitude_.data() + x, &strongest, sizeof strongest);
    std::memcpy(slot_.data() + x, &slot, sizeof slot);
  }

  void vote(Float4 row_share) {
    const Index pixels = cols_ * cell_;
    Four* const votes = votes_.data();
    for (Index x = 0; x < pixels; ++x) {
      Float4& place = votes[slot_[at(x)]].v;
      place += (row_share * magnitude_[at(x)]) * share_of_[at(x)].v;
    }
  }

  /// Adds the votes of the squares between cell rows square_row_ - 1 and square_row_ to both, and forgets them.
  void finish_square_row() {
    const bool has_above = square_row_ > 0, has_below = square_row_ < rows_;
    for (Index o = 0; o < bins; ++o) {
      Four* const votes = votes_.data() + o * width_;
      // Column c + 1 of these rows is cell c; column 0 takes what falls outside.
      float* const above = histogram_.data() + ((square_row_ - 1) * bins + o) * width_;
      float* const below = histogram_.data() + (square_row_ * bins + o) * width_;
      Float4 carry_above{}, carry_below{};
      for (Index s = 0; s < cols_ + 1; s += 4) {
        const Float4 p = votes[s].v, q = votes[s + 1].v, r = votes[s + 2].v, t = votes[s + 3].v;
        votes[s].v = votes[s + 1].v = votes[s + 2].v = votes[s + 3].v = Float4{};
        const Float4 pq = __builtin_shufflevector(p, q, 0, 4, 1, 5), rt = __builtin_shufflevector(r, t, 0, 4, 1, 5);
        const Float4 pq2 = __builtin_shufflevector(p, q, 2, 6, 3, 7), rt2 = __builtin_shufflevector(r, t, 2, 6, 3, 7);
        const Float4 above_left = __builtin_shufflevector(pq, rt, 0, 1, 4, 5);
        const Float4 above_right = __builtin_shufflevector(pq, rt, 2, 3, 6, 7);
        const Float4 below_left = __builtin_shufflevector(pq2, rt2, 0, 1, 4, 5);
        const Float4 below_right = __builtin_shufflevector(pq2, rt2, 2, 3, 6, 7);
        // A cell is the left corner of one square and the right corner of the square before it.
        if (has_above) {
          Float4 sum;
          std::memcpy(&sum, above + s, sizeof sum);
          sum += above_left + __builtin_shufflevector(carry_above, above_right, 3, 4, 5, 6);
          std::memcpy(above + s, &sum, sizeof sum);
        }
        if (has_below) {
          const Float4 sum = below_left + __builtin_shufflevector(carry_below, below_right, 3, 4, 5, 6);
          std::memcpy(below + s, &sum, sizeof sum);
        }
        carry_above = above_right;
        carry_below = below_right;
      }
    }
  }

  /// One over the length of each block of 2 x 2 cells; blocks at the rim repeat the nearest whole one.
  void normalise() {
    for (Index r = 0; r < rows_; ++r) {
      float* const energy = energy_.data() + r * width_;
      const float* const cells = histogram_.data() + r * bins * width_ + 1;
      std::fill_n(energy, cols_, 0.0F);
      for (Index o = 0; o < 9; ++o) {
        const float *const one = cells + o * width_, *const other = cells + (o + 9) * width_;
#pragma omp simd
        for (Index c = 0; c < cols_; ++c) energy[c] += (one[c] + other[c]) * (one[c] + other[c]);
      }
    }
    for (Index corner = 0; corner < rows_ + 1; ++corner) {
      const Index r = std::clamp<Index>(corner, 1, std::max<Index>(rows_ - 1, 1));
      const float* const above = energy_.data() + (r - 1) * width_;
      const float* const below = energy_.data() + std::min(r, rows_ - 1) * width_;
      float* const inverse = inverse_norm_.data() + corner * width_;
#pragma omp simd
      for (Index c = 1; c < cols_; ++c) inverse[c] = above[c - 1] + above[c] + below[c - 1] + below[c] + 1e-4F;
      if (cols_ == 1) inverse[1] = 2 * above[0] + 2 * below[0] + 1e-4F;
      const Index last = std::max<Index>(cols_ - 1, 1);
      square_roots(inverse + 1, last);
      for (Index c = 1; c <= last; ++c) inverse[c] = 1 / inverse[c];
      inverse[0] = inverse[1];
      if (cols_ > 1) inverse[cols_] = inverse[cols_ - 1];
    }
  }

  /// The features of cell row r.
  void describe(Index r, const TensorView<float, 3>& out) const {
    const Index plane = rows_ * cols_;
    for (Index next = 0; next < cols_; next += block) {
      // The last block overlaps the one before it, so that all are whole, unless the map is narrower than a block.
      const Index c0 = std::max<Index>(std::min(next, cols_ - block), 0);
      const float* const cells = histogram_.data() + r * bins * width_ + 1 + c0;
      const float* const above = inverse_norm_.data() + r * width_ + c0;
      const float* const below = above + width_;
      float* const to = out.data + r * cols_ + c0;
      const auto load = [](const float* from, Wide& v) { std::memcpy(&v, from, sizeof v); };
      const auto clip = [](Wide& v) { v = v < 0.2F ? v : Wide{} + 0.2F; };
      const auto emit = [&](Index channel, const Wide& v) {
        if (cols_ >= block)
          std::memcpy(to + channel * plane, &v, sizeof v);
        else
          std::memcpy(to + channel * plane, &v, at(cols_) * sizeof(float));
      };
      Wide n0, n1, n2, n3, t0{}, t1{}, t2{}, t3{};
      load(above, n0);
      load(above + 1, n1);
      load(below, n2);
      load(below + 1, n3);
      const auto clipped = [&](const Wide& votes, Wide& a, Wide& b, Wide& c, Wide& d) {
        clip(a = votes * n0);
        clip(b = votes * n1);
        clip(c = votes * n2);
        clip(d = votes * n3);
      };
      Wide votes, other, a, b, c, d;
      for (Index o = 0; o < bins; ++o) {
        load(cells + o * width_, votes);
        clipped(votes, a, b, c, d);
        t0 += a;
        t1 += b;
        t2 += c;
        t3 += d;
        emit(o, 0.5F * ((a + b) + (c + d)));
      }
      for (Index o = 0; o < 9; ++o) {
        load(cells + o * width_, votes);
        load(cells + (o + 9) * width_, other);
        clipped(votes + other, a, b, c, d);
        emit(bins + o, 0.5F * ((a + b) + (c + d)));
      }
      emit(27, 0.2357F * t0);
      emit(28, 0.2357F * t1);
      emit(29, 0.2357F * t2);
      emit(30, 0.2357F * t3);
    }
  }

  struct Four {  // vector types lose their attributes as template arguments
    Float4 v;
  };

  Shape<3> shape_{};
  Index cell_ = 0;
  Index rows_ = 0;   // cells
  Index cols_ = 0;   // cells
  Index width_ = 0;  // columns of the tables below, with room for whole blocks
  Index square_row_ = 0;
  AlignedVector<float> magnitude_;         // (pixels) of the current row
  AlignedVector<std::int32_t> slot_;       // (pixels) the place in votes_
  AlignedVector<std::int32_t> square_of_;  // (pixels)
  AlignedVector<Four> share_of_;           // (pixels)
  AlignedVector<Four> votes_;              // (18, width) of the current row of squares
  AlignedVector<float> histogram_;         // (rows, 18, width)
  AlignedVector<float> energy_;            // (rows, width)
  AlignedVector<float> inverse_norm_;      // (rows + 1, width)
};

}  // namespace pursuit::inline v0::kernels::cpu
