// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/aligned.hpp>
#include <pursuit/core/tensor_view.hpp>
#include <pursuit/kernels/cpu/lanes.hpp>
#include <pursuit/kernels/cpu/sums.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <type_traits>

namespace pursuit::inline v0::kernels::cpu {

/// See kernels::SampleFilter: filters of any size.
///
/// Samples are packed as (chunks of cells, C, chunk), so that each of the two products reads them in one stream. The
/// response is a matrix product with one row for each tap, whose rows are then moved to their places and added; the
/// gradient is one with the map's values at the places that each tap meets.
template <std::floating_point T>
class DirectSampleFilter {
 public:
  DirectSampleFilter() = default;
  /// Pre: all are positive.
  DirectSampleFilter(Index channels, Index height, Index width, Index kernel)
      : channels_(channels), height_(height), width_(width), kernel_(kernel) {
    cells_ = height * width;
    chunks_ = (cells_ + length - 1) / length;
    taps_ = kernel * kernel;
    row_ = (taps_ + 15) / 16 * 16;
    rim_ = (kernel * (width + 1) + 15) / 16 * 16;
    pitch_ = rim_ + chunks_ * length + rim_;
    products_.assign(static_cast<std::size_t>((taps_ + 3) / 4 * 4 * pitch_), T(0));
    columns_.assign(static_cast<std::size_t>(kernel * pitch_), T(0));
    met_.assign(static_cast<std::size_t>(chunks_ * length * row_), T(0));
    turned_.assign(static_cast<std::size_t>((height + kernel - 1) * (width + kernel - 1)), T(0));
    filter_.assign(static_cast<std::size_t>(channels * row_), T(0));
    collected_ = filter_;
  }

  Index chunk() const { return length; }
  Index sample_size(Index channels) const { return chunks_ * channels * length; }

  void pack(const T* plain, T* x, T scale) const {
    for (Index b = 0; b < chunks_; ++b) {
      const Index first = b * length, n = std::min(length, cells_ - first);
      for (Index c = 0; c < channels_; ++c) {
        const T* const from = plain + c * cells_ + first;
        T* const to = x + (b * channels_ + c) * length;
        for (Index i = 0; i < n; ++i) to[i] = scale * from[i];
        for (Index i = n; i < length; ++i) to[i] = 0;
      }
    }
  }
  void unpack(const T* x, T* plain) const {
    for (Index c = 0; c < channels_; ++c)
      for (Index i = 0; i < cells_; ++i) plain[c * cells_ + i] = x[(i / length * channels_ + c) * length + i % length];
  }

  void project(const T* x, const T* m, Index outputs, T* y, T scale) const {
    for (Index b = 0; b < chunks_; ++b) {
      T* const to = y + b * outputs * length;
      multiply(x + b * channels_ * length, m, outputs, outputs, to, length);
      if (scale != 1)
        for (Index i = 0; i < outputs * length; ++i) to[i] *= scale;
    }
  }

  void use(const T* w) { std::copy_n(w, filter_.size(), filter_.begin()); }

  void look(const T* x) { x_ = x; }

  void respond(T* s) {
    for (Index b = 0; b < chunks_; ++b)
      multiply(x_ + b * channels_ * length, filter_.data(), row_, taps_, products_.data() + rim_ + b * length, pitch_);
    for (Index q = 0; q < kernel_; ++q) {
      T* const column = add_rows(q);
      // Cells that would be carried over the left or right border are cleared, so that the map can be moved as a whole.
      const Index right = std::clamp<Index>(kernel_ / 2 - q, 0, width_),
                  left = std::clamp<Index>(q - kernel_ / 2, 0, width_);
      for (Index i = 0; i < height_; ++i) {
        for (Index j = 0; j < left; ++j) column[i * width_ + j] = 0;
        for (Index j = width_ - right; j < width_; ++j) column[i * width_ + j] = 0;
      }
    }
    const auto moved = [&](Index q) { return columns_.data() + q * pitch_ + rim_ + q - kernel_ / 2; };
    add_planes(moved, s);
  }

  /// Meanwhile `next` is brought to the second cache.
  void collect(const T* u, const T* next) {
    meet(u);
    // Groups of channels as even as can be: few sums at a time would wait for each other.
    const Index groups = (channels_ + group - 1) / group;
    for (Index first = 0; first < row_; first += 16)
      for (Index k = 0; k < groups; ++k) {
        const Index c = k * channels_ / groups;
        correlate_some<group>((k + 1) * channels_ / groups - c, x_, c, first, collected_.data(), next);
      }
  }
  void deliver(T* g) {
    for (std::size_t i = 0; i < collected_.size(); ++i) g[i] += collected_[i];
    std::fill(collected_.begin(), collected_.end(), T(0));
  }

 private:
  static constexpr Index length = 3 * lane_count;  // of a chunk: cells whose sums fit registers, for 4 taps
  static constexpr int blocks = 16 / lane_count;
  static constexpr int group = 12 / blocks;  // channels whose sums for 16 taps fit registers
  static constexpr Index channels_at_once = 64, outputs_at_once = 64;

  /// y[o] = sum_c w[c][o] x[c] for one chunk of cells; rows of y are y_step apart, and a multiple of 4
  /// of them may be written.
  void multiply(const T* x, const T* w, Index w_step, Index outputs, T* y, Index y_step) const {
    if constexpr (std::same_as<T, float>) {
      // Some channels of the chunk stay in the first cache while all outputs read them.
      alignas(64) T part[outputs_at_once * length];
      asm("" : "=m"(part));  // it is written before it is read, which GCC does not see
      for (Index first = 0; first < outputs; first += outputs_at_once)
        for (Index c = 0; c < channels_; c += channels_at_once)
          for (Index o = first; o < std::min(outputs, first + outputs_at_once); o += 4) {
            Sums<4, 3> sums;
            T* const begun = part + (o - first) * length;
            sums.clear();
            if (c > 0) sums.add(begun, 4 * lane_count);
            const Index count = std::min(channels_at_once, channels_ - c);
            const T *const from = x + c * length, *const factors = w + c * w_step + o;
            const T* const ahead = from + count * length + o % 16 / 4 * (length / 4);
            for (Index k = 0; k < count; ++k) {
              // A quarter of a row that comes next: the hardware does not see several passes over one place coming.
              __builtin_prefetch(ahead + k * length);
              sums.add(factors + k * w_step, 1, from + k * length);
            }
            if (c + count < channels_)
              sums.store(begun, 4 * lane_count);
            else
              sums.store(y + o * y_step, lane_count, y_step);
          }
    } else {
      for (Index o = 0; o < outputs; ++o) {
        T sum[length] = {};
        for (Index c = 0; c < channels_; ++c)
          for (Index i = 0; i < length; ++i) sum[i] += w[c * w_step + o] * x[c * length + i];
        std::copy(sum, sum + length, y + o * y_step);
      }
    }
  }

  /// The products of the taps (p, q), each moved by its rows and added up over p: what a column of taps says.
  T* add_rows(Index q) {
    T* const column = columns_.data() + q * pitch_ + rim_;
    add_planes(
        [&](Index p) { return products_.data() + (p * kernel_ + q) * pitch_ + rim_ + (p - kernel_ / 2) * width_; },
        column);
    return column;
  }
  /// out = the sum of the k planes that plane(0), plane(1), ... begin.
  template <class Plane>
  void add_planes(const Plane& plane, T* out) const {
    const Index n = cells_;
    Index k = 0;
    if (kernel_ >= 4) {
      const T *const a = plane(0), *const b = plane(1), *const c = plane(2), *const d = plane(3);
#pragma omp simd
      for (Index i = 0; i < n; ++i) out[i] = (a[i] + b[i]) + (c[i] + d[i]);
      k = 4;
    }
    for (; k < kernel_; ++k) {
      const T* const a = plane(k);
#pragma omp simd
      for (Index i = 0; i < n; ++i) out[i] = k > 0 ? out[i] + a[i] : a[i];
    }
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
            std::memcpy(to, from, static_cast<std::size_t>(kernel) * sizeof(T));
        }
    };
    if (kernel_ == 4)
      copy(std::integral_constant<Index, 4>{});
    else
      copy(kernel_);
  }

  /// correlate() for so many channels, at most Most.
  template <int Most>
  void correlate_some(Index count, const T* x, Index c, Index first, T* g, const T* next) const {
    if constexpr (Most > 1) {
      if (count < Most) return correlate_some<Most - 1>(count, x, c, first, g, next);
    }
    correlate<Most>(x, c, first, g, next);
  }

  /// g[c .. c+Channels][first .. first+16] += sum over cells.
  template <int Channels>
  void correlate(const T* x, Index c, Index first, T* g, const T* next) const {
    alignas(64) T sum[Channels * 16];
    const T* const met = met_.data() + first;
    if constexpr (std::same_as<T, float>) {
      Sums<Channels, blocks> sums;
      sums.clear();
      for (Index b = 0; b < chunks_; ++b) {
        const T* const from = x + (b * channels_ + c) * length;
        const T* const row = met + b * length * row_;
        const T* const ahead = next + (b * channels_ + c) * length;
        for (Index i = 0; i < length; ++i) {
          __builtin_prefetch(ahead + i * Channels, 0, 2);
          sums.add(from + i, length, row + i * row_);
        }
      }
      sums.store(sum, lane_count, 16);
    } else {
      std::fill(sum, sum + Channels * 16, T(0));
      for (Index b = 0; b < chunks_; ++b)
        for (Index i = 0; i < length; ++i)
          for (Index k = 0; k < Channels; ++k)
            for (Index t = 0; t < 16; ++t)
              sum[k * 16 + t] += x[(b * channels_ + c + k) * length + i] * met[(b * length + i) * row_ + t];
    }
    for (Index k = 0; k < Channels; ++k)
      for (Index t = 0; t < 16; ++t) g[(c + k) * row_ + first + t] += sum[k * 16 + t];
  }

  Index channels_ = 0, height_ = 0, width_ = 0, kernel_ = 0;
  Index cells_ = 0, chunks_ = 0, taps_ = 0, row_ = 0, rim_ = 0, pitch_ = 0;
  AlignedVector<T> products_;  // (taps, rim + cells + rim): the rims stay 0
  AlignedVector<T> columns_;   // (kernel, rim + cells + rim), likewise
  AlignedVector<T> met_;       // (cells, row)
  AlignedVector<T> turned_;    // (H + k - 1, W + k - 1), turned by half a turn
  AlignedVector<T> filter_, collected_;
  const T* x_ = nullptr;
};

}  // namespace pursuit::inline v0::kernels::cpu
