// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>
#include <pursuit/core/tensor_view.hpp>
#include <pursuit/kernels/cpu/direct_sample_filter.hpp>
#include <pursuit/kernels/cpu/minimal_sample_filter.hpp>
#include <pursuit/kernels/cpu/sums.hpp>

#include <concepts>
#include <variant>

namespace pursuit::inline v0::kernels::cpu {

namespace detail {

/// c[m][n] += sum_k a[m * am + k * ak] b[k][n] for Rows rows and 16 columns of c; rows of b are bn apart, of c cn.
template <int Rows, std::floating_point T>
void add_tile(const T* a, Index am, Index ak, const T* b, Index bn, Index depth, T* c, Index cn) {
  alignas(64) T sum[Rows * 16] = {};
  if constexpr (std::same_as<T, float>) {
    Sums<Rows, 16 / lane_count> sums;
    sums.clear();
    for (Index k = 0; k < depth; ++k) sums.add(a + k * ak, am, b + k * bn);
    sums.store(sum, lane_count, 16);
  } else {
    for (Index k = 0; k < depth; ++k)
      for (Index m = 0; m < Rows; ++m)
        for (Index n = 0; n < 16; ++n) sum[m * 16 + n] += a[m * am + k * ak] * b[k * bn + n];
  }
  for (Index m = 0; m < Rows; ++m)
    for (Index n = 0; n < 16; ++n) c[m * cn + n] += sum[m * 16 + n];
}

}  // namespace detail

/// c += A b, of narrow matrices whose widths are multiples of 16: c (M, N), A (M, K) with its entries at a[m am + k
/// ak], b (K, N). b is on a 64-byte border.
template <std::floating_point T>
void add_narrow_product(const T* a, Index am, Index ak, const T* b, Index rows, Index depth, Index width, T* c) {
  for (Index n = 0; n < width; n += 16) {
    Index m = 0;
    for (; m + 6 <= rows; m += 6)
      detail::add_tile<6>(a + m * am, am, ak, b + n, width, depth, c + m * width + n, width);
    for (; m < rows; ++m) detail::add_tile<1>(a + m * am, am, ak, b + n, width, depth, c + m * width + n, width);
  }
}

/// See kernels::SampleFilter.
template <std::floating_point T>
class SampleFilter {
  using Direct = DirectSampleFilter<T>;
  using Minimal = MinimalSampleFilter<T>;

 public:
  SampleFilter() = default;
  /// Throws Error unless all are positive and the kernel has at most 31 taps a side.
  SampleFilter(Index channels, Index height, Index width, Index kernel)
      : channels_(channels), height_(height), width_(width), kernel_(kernel), row_((kernel * kernel + 15) / 16 * 16) {
    if (channels < 1 || height < 1 || width < 1 || kernel < 1 || kernel > 31)
      throw Error(concat("SampleFilter: ", channels, " channels of ", height, "x", width, " cells, kernel ", kernel,
                         ": need at least 1 of each and a kernel of at most 31"));
    if (kernel == Minimal::kernel)
      does_ = Minimal(channels, height, width);
    else
      does_ = Direct(channels, height, width, kernel);
  }

  Index channels() const { return channels_; }
  Index height() const { return height_; }
  Index width() const { return width_; }
  Index cells() const { return height_ * width_; }
  Index kernel() const { return kernel_; }
  /// Numbers of a row of taps.
  Index row() const { return row_; }
  /// Numbers of a filter.
  Index filter_size() const { return channels_ * row_; }
  /// Numbers of a packed sample: a multiple of what fills a register.
  Index sample_size() const { return sample_size(channels_); }
  /// The same of a sample with other channels.
  Index sample_size(Index channels) const {
    return visit([&](const auto& f) { return f.sample_size(channels); });
  }
  /// Packed samples are (any, C, chunk).
  Index chunk() const {
    return visit([](const auto& f) { return f.chunk(); });
  }

  /// plain (C, H, W).
  void pack(const T* plain, T* x, T scale = 1) const {
    visit([&](const auto& f) { f.pack(plain, x, scale); });
  }
  void unpack(const T* x, T* plain) const {
    visit([&](const auto& f) { f.unpack(x, plain); });
  }
  /// The packed samples that m makes of the channels of x; `outputs` is a multiple of 4.
  void project(const T* x, const T* m, Index outputs, T* y, T scale = 1) const {
    visit([&](const auto& f) { f.project(x, m, outputs, y, scale); });
  }

  void use(const T* w) {
    visit([&](auto& f) { f.use(w); });
  }
  void look(const T* x) {
    visit([&](auto& f) { f.look(x); });
  }
  void respond(T* s) {
    visit([&](auto& f) { f.respond(s); });
  }
  void collect(const T* u, const T* next) {
    visit([&](auto& f) { f.collect(u, next); });
  }
  void deliver(T* g) {
    visit([&](auto& f) { f.deliver(g); });
  }

 private:
  template <class Do>
  decltype(auto) visit(const Do& work) {
    return std::visit(work, does_);
  }
  template <class Do>
  decltype(auto) visit(const Do& work) const {
    return std::visit(work, does_);
  }

  Index channels_ = 0, height_ = 0, width_ = 0, kernel_ = 0, row_ = 0;
  std::variant<Direct, Minimal> does_;
};

}  // namespace pursuit::inline v0::kernels::cpu
