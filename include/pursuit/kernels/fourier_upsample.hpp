// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/aligned.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/core/tensor_view.hpp>

#include <cmath>
#include <cstddef>
#include <numbers>

namespace pursuit::inline v0::kernels {

/// Enlarges a map by its Fourier series and brings one of its places to cell (0, 0), the rest wrapping around:
///
///     y[u,v] = sum_k,l S[k,l] e^(2 pi i (k (u/H + r/h) + l (v/W + c/w))),    S = DFT(x) / (h w),  (r, c) the place
///
/// with k = -floor(h/2) .. floor(h/2), l alike. For an even size that counts the highest frequency on both sides, as
/// the trackers of visionml/pytracking do; `halved` gives each side one half, and y then passes through x. Both axes
/// are real sums, so this is a product with two small matrices, made once for a size.
///
/// Shapes  x (h, w) -> y (H, W), H >= h and W >= w.
/// Ref     Danelljan et al. 2016 (C-COT), eq. (4); visionml/pytracking (`sample_fs`).
class FourierUpsample {
 public:
  struct Options {
    double row = 0;  ///< the cell of x, whole or not, that comes to cell (0, 0) of y
    double column = 0;
    bool halved = false;
    bool window =
        false;  ///< multiplies y by a Hann window with its top at cell (0, 0): (1 + cos(2 pi u / (H + 2))) / 2
  };

  FourierUpsample() = default;
  /// Throws ShapeError where x is empty or larger than y.
  FourierUpsample(const Shape<2>& x, const Shape<2>& y, const Options& options) : x_(x), y_(y) {
    if (x[0] < 1 || x[1] < 1 || y[0] < x[0] || y[1] < x[1])
      throw ShapeError(concat("FourierUpsample: ", x, " to ", y, ": need at least one cell, and as many as before"));
    rows_ = matrix(x[0], y[0], options.row, options);
    const AlignedVector<float> columns = matrix(x[1], y[1], options.column, options);
    columns_.resize(columns.size());
    for (Index v = 0; v < y[1]; ++v)
      for (Index b = 0; b < x[1]; ++b)
        columns_[static_cast<std::size_t>(b * y[1] + v)] = columns[static_cast<std::size_t>(v * x[1] + b)];
    wide_.resize(static_cast<std::size_t>(x[0] * y[1]));
  }

  /// Throws ShapeError where the shapes are not those it was made for.
  void run(const TensorView<const float, 2>& x, const TensorView<float, 2>& y) {
    require_shape("FourierUpsample", "x", x.shape, x_);
    require_shape("FourierUpsample", "y", y.shape, y_);
    for (Index a = 0; a < x_[0]; ++a) combine(x.data + a * x_[1], columns_.data(), x_[1], wide_.data() + a * y_[1]);
    for (Index u = 0; u < y_[0]; ++u) combine(rows_.data() + u * x_[0], wide_.data(), x_[0], y.data + u * y_[1]);
  }

 private:
  /// (to, from): one axis of the sum.
  static AlignedVector<float> matrix(Index from, Index to, double place, const Options& options) {
    AlignedVector<float> m(static_cast<std::size_t>(from * to));
    const auto n = static_cast<double>(from);
    for (Index u = 0; u < to; ++u) {
      const double top = std::cos(2 * std::numbers::pi * static_cast<double>(u <= to / 2 ? u : to - u) /
                                  (static_cast<double>(to) + 2));
      const double window = options.window ? 0.5 * (1 + top) : 1;
      for (Index a = 0; a < from; ++a) {
        const double turn = 2 * std::numbers::pi *
                            (static_cast<double>(u) / static_cast<double>(to) + (place - static_cast<double>(a)) / n);
        double sum = 1;
        for (Index k = 1; k <= from / 2; ++k)
          sum += (options.halved && 2 * k == from ? 1 : 2) * std::cos(static_cast<double>(k) * turn);
        m[static_cast<std::size_t>(u * from + a)] = static_cast<float>(window * sum / n);
      }
    }
    return m;
  }

  /// out = sum_i factor[i] row i of `rows`.
  void combine(const float* factor, const float* rows, Index count, float* out) const {
    const Index n = y_[1];
    const float first = factor[0];
#pragma omp simd
    for (Index j = 0; j < n; ++j) out[j] = first * rows[j];
    Index i = 1;
    for (; i + 4 <= count; i += 4) {
      const float a = factor[i], b = factor[i + 1], c = factor[i + 2], d = factor[i + 3];
      const float *const p = rows + i * n, *const q = p + n, *const r = q + n, *const s = r + n;
#pragma omp simd
      for (Index j = 0; j < n; ++j) out[j] += (a * p[j] + b * q[j]) + (c * r[j] + d * s[j]);
    }
    for (; i < count; ++i) {
      const float a = factor[i];
      const float* const p = rows + i * n;
#pragma omp simd
      for (Index j = 0; j < n; ++j) out[j] += a * p[j];
    }
  }

  Shape<2> x_{}, y_{};
  AlignedVector<float> rows_;     // (H, h)
  AlignedVector<float> columns_;  // (w, W)
  AlignedVector<float> wide_;     // (h, W)
};

}  // namespace pursuit::inline v0::kernels
