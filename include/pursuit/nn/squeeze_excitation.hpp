// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/aligned.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/kernels/activation_training.hpp>
#include <pursuit/kernels/matrix_product.hpp>
#include <pursuit/kernels/squeeze_excitation.hpp>
#include <pursuit/nn/gradients.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <numeric>
#include <string>

namespace pursuit::inline v0::nn {

/// Scales each channel by what the means of all channels say about it: see kernels/squeeze_excitation.hpp.
///
/// Shapes  reduce (hidden, channels), reduce_bias (hidden), expand (channels, hidden), expand_bias (channels), named
///         fc.0 and fc.2 as in published files.
template <std::floating_point T = float>
struct SqueezeExcitation {
  using Gate = kernels::SqueezeExcitation::Gate;

  SqueezeExcitation(int channels, int hidden, Gate g = Gate::hard_sigmoid)
      : gate(g),
        reduce(make_tensor<T, 2>({hidden, channels})),
        reduce_bias(make_tensor<T, 1>({hidden})),
        expand(make_tensor<T, 2>({channels, hidden})),
        expand_bias(make_tensor<T, 1>({channels})) {}

  template <class Visit>
  void parameters(Visit&& visit, const std::string& prefix = {}) {
    visit(prefix + "fc.0.weight", reduce);
    visit(prefix + "fc.0.bias", reduce_bias);
    visit(prefix + "fc.2.weight", expand);
    visit(prefix + "fc.2.bias", expand_bias);
  }

  template <class Builder>
  typename Builder::Value compile(Builder& builder, typename Builder::Value x) const {
    if constexpr (requires { builder.layer(x, *this); })
      return builder.layer(x, *this);
    else
      return builder.squeeze_excitation(
          x,
          {.reduce = reduce, .reduce_bias = reduce_bias, .expand = expand, .expand_bias = expand_bias, .gate = gate});
  }

  /// Of each image: the means m, the hidden numbers h and the factors g.
  struct Cache {
    AlignedVector<T> mean{}, hidden{}, factor{};
  };
  static constexpr bool backward_reads_y = false;

  Shape<4> output_shape(const Shape<4>& x) const {
    require_shape("nn::SqueezeExcitation", "input", x, {x[0], channels(), x[2], x[3]});
    return x;
  }
  void forward(const TensorView<const T, 4>& x, Cache& cache, const TensorView<T, 4>& y) const {
    const Index n = x.shape[0], cells = x.shape[2] * x.shape[3];
    cache.mean.resize(static_cast<std::size_t>(n * channels()));
    cache.factor.resize(cache.mean.size());
    cache.hidden.resize(static_cast<std::size_t>(n * hidden()));
    for (std::size_t i = 0; i < cache.mean.size(); ++i) {
      const T* const plane = x.data + static_cast<Index>(i) * cells;
      cache.mean[i] = std::accumulate(plane, plane + cells, T(0)) / static_cast<T>(cells);
    }
    for (Index i = 0; i < n; ++i) {
      std::copy(reduce_bias.begin(), reduce_bias.end(), cache.hidden.begin() + i * hidden());
      std::copy(expand_bias.begin(), expand_bias.end(), cache.factor.begin() + i * channels());
    }
    const TensorView<T, 2> h = rows(cache.hidden, n), g = rows(cache.factor, n);
    kernels::matrix_product(rows(cache.mean, n), TensorView<const T, 2>(reduce), h, {.transpose_b = true, .add = true});
    for (T& v : h) v = std::max(v, T(0));
    kernels::matrix_product(h, TensorView<const T, 2>(expand), g, {.transpose_b = true, .add = true});
    for (T& v : g) v = gate == Gate::sigmoid ? kernels::sigmoid(v) : std::clamp(v + 3, T(0), T(6)) / 6;
    for (std::size_t i = 0; i < cache.factor.size(); ++i)
      for (Index k = static_cast<Index>(i) * cells; k < static_cast<Index>(i + 1) * cells; ++k)
        y.data[k] = cache.factor[i] * x.data[k];
  }
  /// Pre: forward() filled the cache, whose means are used up.
  void backward(const TensorView<const T, 4>& x, const TensorView<const T, 4>&, const TensorView<const T, 4>& dy,
                Cache& cache, const TensorView<T, 4>& dx, Gradients<T>& gradients) const {
    const Index n = x.shape[0], cells = x.shape[2] * x.shape[3];
    AlignedVector<T> d_factor(cache.factor.size()), d_hidden(cache.hidden.size());
    for (std::size_t i = 0; i < d_factor.size(); ++i) {
      const Index first = static_cast<Index>(i) * cells;
      const T g = cache.factor[i];
      const T slope = gate == Gate::sigmoid ? g * (1 - g) : g > 0 && g < 1 ? T(1) / 6 : T(0);
      d_factor[i] = slope * std::inner_product(x.data + first, x.data + first + cells, dy.data + first, T(0));
    }
    const TensorView<T, 2> df = rows(d_factor, n), dh = rows(d_hidden, n), h = rows(cache.hidden, n);
    add_products(df, h, gradients.of(expand), gradients.of(expand_bias));
    kernels::matrix_product(df, TensorView<const T, 2>(expand), dh);
    for (Index i = 0; i < dh.size(); ++i)
      if (h.data[i] <= 0) dh.data[i] = 0;
    const TensorView<T, 2> m = rows(cache.mean, n);
    add_products(dh, m, gradients.of(reduce), gradients.of(reduce_bias));
    if (dx.data == nullptr) return;
    kernels::matrix_product(dh, TensorView<const T, 2>(reduce), m);  // dL/dm takes the place of m
    for (Index i = 0; i < m.size(); ++i) {
      const T of_mean = m.data[i] / static_cast<T>(cells), g = cache.factor[static_cast<std::size_t>(i)];
      for (Index k = i * cells; k < (i + 1) * cells; ++k) dx.data[k] = g * dy.data[k] + of_mean;
    }
  }

  Gate gate;
  Tensor<T, 2> reduce;
  Tensor<T, 1> reduce_bias;
  Tensor<T, 2> expand;
  Tensor<T, 1> expand_bias;

 private:
  Index channels() const { return static_cast<Index>(expand.shape()[0]); }
  Index hidden() const { return static_cast<Index>(reduce.shape()[0]); }

  static TensorView<T, 2> rows(AlignedVector<T>& numbers, Index n) {
    return {numbers.data(), {n, static_cast<Index>(numbers.size()) / n}};
  }
  /// The gradients of a matrix and its bias, unless they are frozen.
  static void add_products(const TensorView<T, 2>& d, const TensorView<T, 2>& input, const TensorView<T, 2>& d_matrix,
                           const TensorView<T, 1>& d_bias) {
    if (d_matrix.data != nullptr) kernels::matrix_product(d, input, d_matrix, {.transpose_a = true, .add = true});
    if (d_bias.data != nullptr)
      for (Index i = 0; i < d.size(); ++i) d_bias.data[i % d.shape[1]] += d.data[i];
  }
};

}  // namespace pursuit::inline v0::nn
