// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/aligned.hpp>
#include <pursuit/core/tensor_view.hpp>
#include <pursuit/core/threads.hpp>
#include <pursuit/kernels/cpu/lanes.hpp>
#include <pursuit/kernels/cpu/sums.hpp>

#include <algorithm>
#include <cstddef>
#include <type_traits>
#include <vector>

namespace pursuit::inline v0::kernels {

/// Products of a few rows with one large matrix, forth and back: fully connected layers over some ten boxes. The matrix
/// is packed once for each direction and read once for all rows.
///
///     forward   y[r,o] = bias[o] + sum_k w[o,k] x[r,k]
///     backward  dx[r,k] = sum_o dy[r,o] w[o,k]        outputs whose dy is 0 in all rows cost nothing
///
/// Shapes  w (O, K), x and dx (R, inputs()), y and dy (R, outputs()), where inputs() is K and outputs() is O, rounded
///         up to whole panels; what fills up is 0 in x, and comes back as 0. Numbers T are float or double (plain
///         loops). Pointers are aligned to a register.
template <class T>
class ThinProduct {
 public:
  ThinProduct() = default;
  /// `bias` has O numbers.
  ThinProduct(const TensorView<const T, 2>& w, const T* bias)
      : inputs_(whole(w.shape[1])), outputs_(whole(w.shape[0])) {
    forth_.resize(static_cast<std::size_t>(outputs_ * (inputs_ + 1)));
    back_.resize(static_cast<std::size_t>(outputs_ * inputs_));
    for (Index o = 0; o < w.shape[0]; ++o) {
      T* const to = forth_.data() + o / panel * panel * (inputs_ + 1) + o % panel;
      to[0] = bias[o];
      for (Index k = 0; k < w.shape[1]; ++k) {
        to[(k + 1) * panel] = w(o, k);
        back_[static_cast<std::size_t>(k / panel * panel * outputs_ + o * panel + k % panel)] = w(o, k);
      }
    }
  }

  Index inputs() const { return inputs_; }
  Index outputs() const { return outputs_; }

  void forward(const T* x, Index rows, T* y) const {
    parallel_for(outputs_ / panel, [&](Index p) {
      const T* const w = forth_.data() + p * panel * (inputs_ + 1);
      each_group(rows, [&](Index r, auto count) {
        Group<decltype(count)::value> sums;
        sums.start(w);
        for (Index k = 0; k < inputs_; ++k) sums.add(x + r * inputs_ + k, inputs_, w + (k + 1) * panel);
        sums.store(y + r * outputs_ + p * panel, outputs_);
      });
    });
  }

  /// `active` is scratch that holds which outputs have a gradient.
  void backward(const T* dy, Index rows, T* dx, std::vector<Index>& active) const {
    active.clear();
    active.reserve(static_cast<std::size_t>(outputs_));
    for (Index o = 0; o < outputs_; ++o) {
      bool used = false;
      for (Index r = 0; r < rows; ++r) used = used || dy[r * outputs_ + o] != 0;
      if (used) active.push_back(o);
    }
    parallel_for(inputs_ / panel, [&](Index p) {
      const T* const w = back_.data() + p * panel * outputs_;
      each_group(rows, [&](Index r, auto count) {
        Group<decltype(count)::value> sums;
        sums.clear();
        for (const Index o : active) sums.add(dy + r * outputs_ + o, outputs_, w + o * panel);
        sums.store(dx + r * inputs_ + p * panel, inputs_);
      });
    });
  }

 private:
  static constexpr int blocks = 2;
  static constexpr Index panel = blocks * lane_count;
  static constexpr int most_rows = 5;

  static Index whole(Index n) { return (n + panel - 1) / panel * panel; }

  /// The interface of Sums, as plain loops.
  template <int Rows>
  struct PlainSums {
    T sum[Rows][panel];

    void start(const T* bias) {
      for (auto& row : sum) std::copy_n(bias, panel, row);
    }
    void clear() {
      for (auto& row : sum) std::fill_n(row, panel, T(0));
    }
    void add(const T* x, Index step, const T* w) {
      for (int r = 0; r < Rows; ++r)
        for (Index i = 0; i < panel; ++i) sum[r][i] += x[r * step] * w[i];
    }
    void store(T* y, Index step) const {
      for (int r = 0; r < Rows; ++r) std::copy_n(sum[r], panel, y + r * step);
    }
  };
  template <int Rows>
  struct FastSums : Sums<Rows, blocks> {
    void store(float* y, Index step) const { Sums<Rows, blocks>::store(y, lane_count, step); }
  };
  template <int Rows>
  using Group = std::conditional_t<std::is_same_v<T, float>, FastSums<Rows>, PlainSums<Rows>>;

  template <int N>
  using Count = std::integral_constant<int, N>;
  /// Calls body(first row, number of rows) for groups of rows, the number being a constant.
  template <class Body>
  static void each_group(Index rows, Body&& body) {
    Index r = 0;
    for (; r + most_rows <= rows; r += most_rows) body(r, Count<most_rows>{});
    switch (rows - r) {
      case 4: return body(r, Count<4>{});
      case 3: return body(r, Count<3>{});
      case 2: return body(r, Count<2>{});
      case 1: return body(r, Count<1>{});
      default: return;
    }
  }

  Index inputs_ = 0, outputs_ = 0;
  AlignedVector<T> forth_;  // panels of outputs: bias, then a row for each input
  AlignedVector<T> back_;   // panels of inputs: a row for each output
};

}  // namespace pursuit::inline v0::kernels
