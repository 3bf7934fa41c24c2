// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/aligned.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/core/tensor_view.hpp>
#include <pursuit/kernels/cpu/lanes.hpp>
#include <pursuit/kernels/cpu/sums.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>

namespace pursuit::inline v0::kernels::cpu {

/// See kernels::SampleFilter.
///
/// Samples are packed as (chunks of cells, C, chunk), so that each of the two products reads them in one stream. The
/// response is a matrix product with one row for each tap, whose rows are then moved to their places and added; the
/// gradient is one with the map's values at the places that each tap meets.
template <std::floating_point T>
class SampleFilter {
 public:
  static constexpr Index chunk = 3 * lane_count;  ///< cells whose sums fit registers, for 4 taps

  SampleFilter() = default;
  /// Throws Error unless all are positive and the kernel has at most 31 taps a side.
  SampleFilter(Index channels, Index height, Index width, Index kernel)
      : channels_(channels), height_(height), width_(width), kernel_(kernel) {
    if (channels < 1 || height < 1 || width < 1 || kernel < 1 || kernel > 31)
      throw Error(concat("SampleFilter: ", channels, " channels of ", height, "x", width, " cells, kernel ", kernel,
                         ": need at least 1 of each and a kernel of at most 31"));
    cells_ = height * width;
    chunks_ = (cells_ + chunk - 1) / chunk;
    taps_ = kernel * kernel;
    row_ = (taps_ + 15) / 16 * 16;
    rim_ = (kernel * (width + 1) + 15) / 16 * 16;
    pitch_ = rim_ + chunks_ * chunk + rim_;
    products_.assign(static_cast<std::size_t>((taps_ + 3) / 4 * 4 * pitch_), T(0));
    met_.assign(static_cast<std::size_t>(chunks_ * chunk * row_), T(0));
    turned_.assign(static_cast<std::size_t>((height + kernel - 1) * (width + kernel - 1)), T(0));
  }

  Index channels() const { return channels_; }
  Index height() const { return height_; }
  Index width() const { return width_; }
  Index cells() const { return cells_; }
  Index kernel() const { return kernel_; }
  /// Numbers of a row of taps.
  Index row() const { return row_; }
  /// Numbers of a filter.
  Index filter_size() const { return channels_ * row_; }
  /// Numbers of a packed sample: a multiple of what fills 64 bytes.
  Index sample_size() const { return sample_size(channels_); }
  /// The same of a sample with other channels.
  Index sample_size(Index channels) const { return chunks_ * channels * chunk; }

  /// plain (C, H, W).
  void pack(const T* plain, T* x, T scale = 1) const {
    for (Index b = 0; b < chunks_; ++b) {
      const Index first = b * chunk, n = std::min(chunk, cells_ - first);
      for (Index c = 0; c < channels_; ++c) {
        const T* const from = plain + c * cells_ + first;
        T* const to = x + (b * channels_ + c) * chunk;
        for (Index i = 0; i < n; ++i) to[i] = scale * from[i];
        for (Index i = n; i < chunk; ++i) to[i] = 0;
      }
    }
  }
  void unpack(const T* x, T* plain) const {
    for (Index c = 0; c < channels_; ++c)
      for (Index i = 0; i < cells_; ++i) plain[c * cells_ + i] = x[(i / chunk * channels_ + c) * chunk + i % chunk];
  }

  /// The packed samples that m makes of the channels of x; `outputs` is a multiple of 4.
  void project(const T* x, const T* m, Index outputs, T* y, T scale = 1) const {
    for (Index b = 0; b < chunks_; ++b) {
      T* const to = y + b * outputs * chunk;
      multiply(x + b * channels_ * chunk, m, outputs, outputs, to, chunk);
      if (scale != 1)
        for (Index i = 0; i < outputs * chunk; ++i) to[i] *= scale;
    }
  }

  void respond(const T* x, const T* w, T* s) {
    for (Index b = 0; b < chunks_; ++b)
      multiply(x + b * channels_ * chunk, w, row_, taps_, products_.data() + rim_ + b * chunk, pitch_);
    // Cells that a tap would carry over the left or right border are cleared, so that rows can be moved as a whole.
    for (Index q = 0; q < kernel_; ++q) {
      const Index right = std::clamp<Index>(kernel_ / 2 - q, 0, width_),
                  left = std::clamp<Index>(q - kernel_ / 2, 0, width_);
      if (right == 0 && left == 0) continue;
      for (Index p = 0; p < kernel_; ++p) {
        T* const plane = products_.data() + (p * kernel_ + q) * pitch_ + rim_;
        for (Index i = 0; i < height_; ++i) {
          for (Index j = 0; j < left; ++j) plane[i * width_ + j] = 0;
          for (Index j = width_ - right; j < width_; ++j) plane[i * width_ + j] = 0;
        }
      }
    }
    Index tap = 0;
    for (; tap + 4 <= taps_; tap += 4) add_moved(tap, s, tap > 0);
    for (; tap < taps_; ++tap) add_moved_one(tap, s, tap > 0);
  }

  void add_gradient(const T* x, const T* u, T* g) {
    meet(u);
    for (Index first = 0; first < row_; first += 16) {
      Index c = 0;
      for (; c + group <= channels_; c += group) correlate<group>(x, c, first, g);
      switch (channels_ - c) {
        case 0: break;
        case 1: correlate<1>(x, c, first, g); break;
        case 2: correlate<2>(x, c, first, g); break;
        case 3: correlate<3>(x, c, first, g); break;
        case 4: correlate<4>(x, c, first, g); break;
        default:
          correlate<4>(x, c, first, g);
          for (c += 4; c < channels_; ++c) correlate<1>(x, c, first, g);
      }
    }
  }

 private:
  static constexpr int group = 6;  // channels whose sums for 16 taps fit registers
  static constexpr int blocks = 16 / lane_count;

  /// y[o] = sum_c w[c][o] x[c] for one chunk of cells; rows of y are y_step apart, a multiple of 4 of them is written.
  void multiply(const T* x, const T* w, Index w_step, Index outputs, T* y, Index y_step) const {
    for (Index o = 0; o < outputs; o += 4) {
      if constexpr (std::same_as<T, float>) {
        Sums<4, 3> sums;
        sums.clear();
        for (Index c = 0; c < channels_; ++c) sums.add(w + c * w_step + o, 1, x + c * chunk);
        sums.store(y + o * y_step, lane_count, y_step);
      } else {
        for (Index k = 0; k < 4; ++k) {
          T sum[chunk] = {};
          for (Index c = 0; c < channels_; ++c)
            for (Index i = 0; i < chunk; ++i) sum[i] += w[c * w_step + o + k] * x[c * chunk + i];
          std::copy(sum, sum + chunk, y + (o + k) * y_step);
        }
      }
    }
  }

  /// Where a tap's products lie, as seen from the cell of the response that they add to.
  const T* moved(Index tap) const {
    return products_.data() + tap * pitch_ + rim_ + (tap / kernel_ - kernel_ / 2) * width_ + tap % kernel_ -
           kernel_ / 2;
  }
  void add_moved(Index tap, T* s, bool adds) const {
    const T *const a = moved(tap), *const b = moved(tap + 1), *const c = moved(tap + 2), *const d = moved(tap + 3);
    const Index n = cells_;
    if (adds) {
#pragma omp simd
      for (Index i = 0; i < n; ++i) s[i] += (a[i] + b[i]) + (c[i] + d[i]);
    } else {
#pragma omp simd
      for (Index i = 0; i < n; ++i) s[i] = (a[i] + b[i]) + (c[i] + d[i]);
    }
  }
  void add_moved_one(Index tap, T* s, bool adds) const {
    const T* const a = moved(tap);
    for (Index i = 0; i < cells_; ++i) s[i] = adds ? s[i] + a[i] : a[i];
  }

  /// met_[cell of x][tap] = u at the cell of the response that the tap brings this cell to, or 0.
  void meet(const T* u) {
    // Turned by half a turn, the taps of a row lie one after the other.
    const Index wide = width_ + kernel_ - 1, before = kernel_ / 2;
    for (Index i = 0; i < height_; ++i)
      for (Index j = 0; j < width_; ++j)
        turned_[static_cast<std::size_t>((i + before) * wide + j + before)] = u[cells_ - 1 - (i * width_ + j)];
    const auto copy = [&](auto kernel) {
      for (Index i = 0; i < height_; ++i)
        for (Index j = 0; j < width_; ++j) {
          const T* from = turned_.data() + (height_ - 1 - i) * wide + width_ - 1 - j;
          T* to = met_.data() + (i * width_ + j) * row_;
          for (Index p = 0; p < kernel; ++p, from += wide, to += kernel)
            for (Index q = 0; q < kernel; ++q) to[q] = from[q];
        }
    };
    if (kernel_ == 4)
      copy(std::integral_constant<Index, 4>{});
    else
      copy(kernel_);
  }

  /// g[c .. c+Channels][first .. first+16] += sum over cells.
  template <int Channels>
  void correlate(const T* x, Index c, Index first, T* g) const {
    alignas(64) T sum[Channels * 16];
    const T* const met = met_.data() + first;
    if constexpr (std::same_as<T, float>) {
      Sums<Channels, blocks> sums;
      sums.clear();
      for (Index b = 0; b < chunks_; ++b) {
        const T* const from = x + (b * channels_ + c) * chunk;
        const T* const row = met + b * chunk * row_;
        for (Index i = 0; i < chunk; ++i) sums.add(from + i, chunk, row + i * row_);
      }
      sums.store(sum, lane_count, 16);
    } else {
      std::fill(sum, sum + Channels * 16, T(0));
      for (Index b = 0; b < chunks_; ++b)
        for (Index i = 0; i < chunk; ++i)
          for (Index k = 0; k < Channels; ++k)
            for (Index t = 0; t < 16; ++t)
              sum[k * 16 + t] += x[(b * channels_ + c + k) * chunk + i] * met[(b * chunk + i) * row_ + t];
    }
    for (Index k = 0; k < Channels; ++k)
      for (Index t = 0; t < 16; ++t) g[(c + k) * row_ + first + t] += sum[k * 16 + t];
  }

  Index channels_ = 0, height_ = 0, width_ = 0, kernel_ = 0;
  Index cells_ = 0, chunks_ = 0, taps_ = 0, row_ = 0, rim_ = 0, pitch_ = 0;
  AlignedVector<T> products_;  // (taps, rim + cells + rim): the rims stay 0
  AlignedVector<T> met_;       // (cells, row)
  AlignedVector<T> turned_;    // (H + k - 1, W + k - 1), turned by half a turn
};

}  // namespace pursuit::inline v0::kernels::cpu
