// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/aligned.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/kernels/filter_solution.hpp>
#include <pursuit/kernels/window.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <span>
#include <vector>

namespace pursuit::inline v0::loss {

struct FilterResponseOptions {
  double regularization = 0.05;  ///< of the filter, relative to the energy of features with unit variance
  double sharpness = 10;         ///< of the softmax; a filter is solved for responses between 0 and 1
  int others = 3;                ///< other targets' patches, in which nothing should be found
};

/// Whether features tell a target from all else: the correlation filter that is solved on a target's patch should
/// respond most where the target is in its second patch, and less in all other places, those of the second patches of
/// the batch's next targets among them.
///
///     f_n solved on a x_n for the label y_n, over all channels;    g_nk = f_n's response to z_n+k, k = 0 .. others
///     P_n = softmax of sharpness g_n over k and all cells;         U_n = u_n / sum u_n for k = 0, else 0
///     L = 1/N sum_n KL(U_n || P_n)
///
/// with a the Hann window, so that the filter is one of the target and not of its surroundings, u the second label, and
/// kernels::FilterSolution's one frame without surroundings. Patches follow each other in a ring; a batch has at most
/// N - 1 others. Without others, features may become alike that are never seen in one patch; but pairs of one video
/// count as different targets, so a batch should come from many.
///
///     dg_nk = sharpness / N (P_n - U_n),  then FilterSolution's gradients; dx_n is a times that of its target sample
///
/// Shapes  first, second (N,C,h,w); their labels (N,h,w), see loss::response_label.
/// Ref     Valmadre et al. 2017 (CFNet) for the loss through a solved filter; Danelljan et al. 2020 (PrDiMP) for the
///         divergence in place of squares.
template <std::floating_point T = float>
class FilterResponse {
 public:
  using scalar = T;
  using Options = FilterResponseOptions;

  /// What gradient() needs of value().
  struct Cache {
    std::vector<typename kernels::FilterSolution<T>::Cache> solutions{};  // of each k
    std::vector<AlignedVector<T>> responses{};                            // (N,1,h,w), then P - U
    AlignedVector<T> faded{}, turned{}, gradient{};
    AlignedVector<float> window{};
  };

  FilterResponse() = default;
  /// Throws Error where an option is none.
  explicit FilterResponse(const Options& options) : options_(options) {
    const Options& o = options_;
    if (!(o.regularization >= 0) || !(o.sharpness > 0) || o.others < 0 || !std::isfinite(o.regularization) ||
        !std::isfinite(o.sharpness))
      throw Error(concat("loss::FilterResponse: regularization ", o.regularization, ", sharpness ", o.sharpness, ", ",
                         o.others, " others: need 0 or more, more than 0, 0 or more"));
  }

  /// Throws ShapeError where the shapes do not fit, or a map has less than 3 cells a side: the window would be 0.
  T value(const TensorView<const T, 4>& first, const TensorView<const T, 4>& second,
          const TensorView<const T, 3>& first_label, const TensorView<const T, 3>& second_label, Cache& cache) const {
    const Shape<4>& shape = second.shape;
    require_shape("loss::FilterResponse", "the first map", first.shape, shape);
    for (const auto& label : {first_label, second_label})
      require_shape("loss::FilterResponse", "a label", label.shape, {shape[0], shape[2], shape[3]});
    if (shape[0] < 1 || std::min(shape[2], shape[3]) < 3)
      throw ShapeError(concat("loss::FilterResponse: maps ", shape, ": need some, of 3 x 3 cells or more"));
    cache.window.resize(static_cast<std::size_t>(shape[2] * shape[3]));
    kernels::hann({cache.window.data(), {shape[2], shape[3]}});
    cache.faded.resize(static_cast<std::size_t>(first.size()));
    fade(cache.window, first.data, cache.faded);
    cache.turned.assign(second.begin(), second.end());
    const std::size_t count = patches(shape[0]);
    cache.solutions.resize(count);
    cache.responses.resize(count);
    for (std::size_t k = 0; k < count; ++k) {
      if (k > 0) std::rotate(cache.turned.begin(), cache.turned.begin() + map(shape), cache.turned.end());
      cache.responses[k].resize(static_cast<std::size_t>(second_label.size()));
      const std::array<T, 1> weights{1};
      solution(shape).forward({cache.turned.data(), shape}, {cache.faded.data(), samples(shape)},
                              {first_label.data, {shape[0], 1, shape[2], shape[3]}}, weights, cache.solutions[k],
                              {cache.responses[k].data(), of_one(shape)});
    }
    double sum = 0;
    const auto cells = static_cast<std::size_t>(shape[2] * shape[3]);
    for (std::size_t n = 0; n < static_cast<std::size_t>(shape[0]); ++n)
      sum += divergence(second_label.data + n * cells, n * cells, cells, cache.responses);
    return static_cast<T>(sum / static_cast<double>(shape[0]));
  }

  /// Writes the gradients. Pre: value() filled the cache, which is used up.
  void gradient(Cache& cache, const TensorView<T, 4>& d_first, const TensorView<T, 4>& d_second) const {
    const Shape<4>& shape = d_second.shape;
    require_shape("loss::FilterResponse", "the first gradient", d_first.shape, shape);
    cache.gradient.resize(cache.faded.size());
    std::fill(d_first.begin(), d_first.end(), T(0));
    std::fill(d_second.begin(), d_second.end(), T(0));
    const auto factor = static_cast<T>(options_.sharpness / static_cast<double>(shape[0]));
    for (std::size_t k = 0; k < cache.responses.size(); ++k) {
      for (T& d : cache.responses[k]) d *= factor;
      const TensorView<T, 4> d_filter(cache.gradient.data(), shape), d_turned(cache.turned.data(), shape);
      solution(shape).backward({cache.responses[k].data(), of_one(shape)}, cache.solutions[k], d_turned,
                               {d_filter.data, samples(shape)});
      std::rotate(d_turned.begin(), d_turned.end() - static_cast<Index>(k) * map(shape), d_turned.end());
      for (Index i = 0; i < d_first.size(); ++i) {
        d_first.data[i] += d_filter.data[i];
        d_second.data[i] += d_turned.data[i];
      }
    }
    fade(cache.window, d_first.data, {d_first.data, cache.faded.size()});
  }

 private:
  static Index map(const Shape<4>& s) { return s[1] * s[2] * s[3]; }
  static Shape<4> of_one(const Shape<4>& s) { return {s[0], 1, s[2], s[3]}; }
  static Shape<6> samples(const Shape<4>& s) { return {s[0], 1, 1, s[1], s[2], s[3]}; }
  std::size_t patches(Index batch) const {
    return static_cast<std::size_t>(1 + std::min<Index>(batch - 1, options_.others));
  }
  kernels::FilterSolution<T> solution(const Shape<4>& s) const {
    return kernels::FilterSolution<T>(
        {.regularization = options_.regularization * static_cast<double>(map(s)), .context = 0});
  }
  static void fade(const AlignedVector<float>& window, const T* from, std::span<T> to) {
    for (std::size_t i = 0; i < to.size(); i += window.size())
      for (std::size_t k = 0; k < window.size(); ++k) to[i + k] = static_cast<T>(window[k]) * from[i + k];
  }

  /// KL(U || P) of one filter, whose responses begin at `from`; P - U takes their place. A label without a peak, of a
  /// target outside the patch, teaches nothing: its value and its gradient are 0.
  double divergence(const T* label, std::size_t from, std::size_t cells,
                    std::vector<AlignedVector<T>>& responses) const {
    if (!(static_cast<double>(*std::max_element(label, label + cells)) > 0.1)) {
      for (auto& r : responses) std::fill_n(r.data() + from, cells, T(0));
      return 0;
    }
    double labels = 0, highest = responses[0][from], sum = 0, result = 0;
    for (std::size_t i = 0; i < cells; ++i) labels += static_cast<double>(label[i]);
    for (const auto& r : responses)
      for (std::size_t i = 0; i < cells; ++i) highest = std::max(highest, static_cast<double>(r[from + i]));
    const auto power = [&](T response) { return options_.sharpness * (static_cast<double>(response) - highest); };
    for (const auto& r : responses)
      for (std::size_t i = 0; i < cells; ++i) sum += std::exp(power(r[from + i]));
    const double log_sum = std::log(sum);
    for (std::size_t k = 0; k < responses.size(); ++k)
      for (std::size_t i = 0; i < cells; ++i) {
        T& response = responses[k][from + i];
        const double p = std::exp(power(response)) / sum;
        const double u = k == 0 ? static_cast<double>(label[i]) / labels : 0;
        if (u > 0) result += u * (std::log(u) - power(response) + log_sum);
        response = static_cast<T>(p - u);
      }
    return result;
  }

  Options options_{};
};

}  // namespace pursuit::inline v0::loss
