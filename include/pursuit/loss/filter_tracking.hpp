// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/aligned.hpp>
#include <pursuit/kernels/filter_solution.hpp>

#include <array>
#include <concepts>
#include <cstddef>

namespace pursuit::inline v0::loss {

/// Whether the features of one block are good to track with: each channel of the correlation filter that is solved on
/// the first patch should by itself respond as the label of the second one says.
///
///     L = 1/(N C h w) sum_n,c |g_nc - y_n|^2,     dL/dg_nc = 2/(N C h w) (g_nc - y_n)
///
/// with g of kernels::FilterSolution for one frame without surroundings, its denominator shared by all channels.
///
/// Shapes  first, second (N,C,h,w); their labels (N,h,w), see loss::response_label (published: sigma 1/4).
/// Ref     Wang et al. 2020, "Real-Time Correlation Tracking via Joint Model Compression and Transfer", as published
///         with CFKD, for blocks layer1 to layer3 at a weight of 100: each channel is compared, where the paper has no
///         index of channels.
template <std::floating_point T = float>
class FilterTracking {
 public:
  using scalar = T;

  /// What gradient() needs of value().
  struct Cache {
    typename kernels::FilterSolution<T>::Cache solution{};
    AlignedVector<T> error{};  // (N,C,h,w)
  };

  explicit FilterTracking(double regularization = 1e-5)
      : solution_({.regularization = regularization,
                   .context = 0,
                   .response = kernels::FilterOptions::Response::each_channel}) {}

  T value(const TensorView<const T, 4>& first, const TensorView<const T, 4>& second,
          const TensorView<const T, 3>& first_label, const TensorView<const T, 3>& second_label, Cache& cache) const {
    const Shape<4>& shape = second.shape;
    require_shape("loss::FilterTracking", "the first map", first.shape, shape);
    for (const auto& label : {first_label, second_label})
      require_shape("loss::FilterTracking", "a label", label.shape, {shape[0], shape[2], shape[3]});
    cache.error.resize(static_cast<std::size_t>(second.size()));
    const std::array<T, 1> weights{1};
    solution_.forward(second, {first.data, samples(shape)}, {first_label.data, {shape[0], 1, shape[2], shape[3]}},
                      weights, cache.solution, {cache.error.data(), shape});
    double sum = 0;
    const Index cells = shape[2] * shape[3];
    for (Index m = 0; m < shape[0] * shape[1]; ++m) {
      T* const error = cache.error.data() + m * cells;
      const T* const label = second_label.data + m / shape[1] * cells;
      for (Index i = 0; i < cells; ++i) {
        error[i] -= label[i];
        sum += static_cast<double>(error[i]) * static_cast<double>(error[i]);
      }
    }
    return static_cast<T>(sum / static_cast<double>(second.size()));
  }

  /// Writes the gradients. Pre: value() filled the cache, which is used up.
  void gradient(Cache& cache, const TensorView<T, 4>& d_first, const TensorView<T, 4>& d_second) const {
    require_shape("loss::FilterTracking", "the first gradient", d_first.shape, d_second.shape);
    const T factor = 2 / static_cast<T>(cache.error.size());
    for (T& e : cache.error) e *= factor;
    solution_.backward({cache.error.data(), d_second.shape}, cache.solution, d_second,
                       {d_first.data, samples(d_second.shape)});
  }

 private:
  static Shape<6> samples(const Shape<4>& s) { return {s[0], 1, 1, s[1], s[2], s[3]}; }

  kernels::FilterSolution<T> solution_;
};

}  // namespace pursuit::inline v0::loss
