// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/tensor_view.hpp>
#include <pursuit/core/threads.hpp>

#include <algorithm>
#include <cmath>

namespace pursuit::inline v0::kernels {

/// What batch norm knows about each channel (C) while it trains.
template <class T>
struct BatchStatistics {
  TensorView<T, 1> mean;
  TensorView<T, 1> inverse;  ///< 1 / sqrt(variance + epsilon)
};

namespace detail {

/// The sum over a channel of f(offset of a cell), for all images of the batch. Runs of cells are summed in T, the runs
/// in double.
template <class T, class F>
double channel_sum(const Shape<4>& shape, Index channel, const F& f) {
  constexpr Index run = 512;
  const Index cells = shape[2] * shape[3];
  double sum = 0;
  for (Index n = 0; n < shape[0]; ++n) {
    const Index first = (n * shape[1] + channel) * cells;
    for (Index start = 0; start < cells; start += run) {
      const Index end = std::min(start + run, cells);
      T part = 0;
#pragma omp simd reduction(+ : part)
      for (Index i = start; i < end; ++i) part += f(first + i);
      sum += static_cast<double>(part);
    }
  }
  return sum;
}

/// f(offset) for each cell of a channel.
template <class F>
void for_channel(const Shape<4>& shape, Index channel, const F& f) {
  const Index cells = shape[2] * shape[3];
  for (Index n = 0; n < shape[0]; ++n) {
    const Index first = (n * shape[1] + channel) * cells;
#pragma omp simd
    for (Index i = first; i < first + cells; ++i) f(i);
  }
}

}  // namespace detail

/// The mean and the biased variance of each channel over batch and cells.
/// Shapes  x (N,C,H,W), mean and variance (C). Throws ShapeError where they do not fit.
template <class T>
void batch_moments(const TensorView<const T, 4>& x, const TensorView<T, 1>& mean, const TensorView<T, 1>& variance) {
  require_shape("kernels::batch_moments", "mean", mean.shape, {x.shape[1]});
  require_shape("kernels::batch_moments", "variance", variance.shape, {x.shape[1]});
  const auto count = static_cast<double>(x.shape[0] * x.shape[2] * x.shape[3]);
  parallel_for(x.shape[1], [&](Index c) {
    const T* from = x.data;
    const T middle = static_cast<T>(detail::channel_sum<T>(x.shape, c, [=](Index i) { return from[i]; }) / count);
    const double squares =
        detail::channel_sum<T>(x.shape, c, [=](Index i) { return (from[i] - middle) * (from[i] - middle); });
    mean(c) = middle;
    variance(c) = static_cast<T>(squares / count);
  });
}

/// y[c] = weight[c] (x[c] - mean[c]) inverse[c] + bias[c].
/// Shapes  x, y (N,C,H,W); weight, bias and the statistics (C). y may be x.
template <class T>
void batch_norm(const TensorView<const T, 4>& x, const BatchStatistics<T>& statistics,
                const TensorView<const T, 1>& weight, const TensorView<const T, 1>& bias, const TensorView<T, 4>& y) {
  require_shape("kernels::batch_norm", "y", y.shape, x.shape);
  parallel_for(x.shape[1], [&](Index c) {
    const T factor = weight(c) * statistics.inverse(c), offset = bias(c) - statistics.mean(c) * factor;
    const T* from = x.data;
    T* to = y.data;
    detail::for_channel(x.shape, c, [=](Index i) { to[i] = from[i] * factor + offset; });
  });
}

/// The gradients of batch norm by the batch's own statistics, which depend on x too. With n = (x - mean) inverse and M
/// cells of a channel in the batch:
///
///     diff_bias   += sum dy
///     diff_weight += sum dy n
///     dx           = weight inverse (dy - sum dy / M - n (sum dy n) / M)
///
/// Where the statistics are constants (`fixed`), only the first term of dx is left. diff_weight and diff_bias may be
/// views of nothing, and so may dx, which may also be dy's memory.
///
/// Shapes  x, dy, dx (N,C,H,W); the others (C).
/// Ref     Ioffe and Szegedy 2015, section 3.
template <class T>
void batch_norm_backward(const TensorView<const T, 4>& x, const TensorView<const T, 4>& dy,
                         const BatchStatistics<T>& statistics, const TensorView<const T, 1>& weight, bool fixed,
                         const TensorView<T, 4>& dx, const TensorView<T, 1>& diff_weight,
                         const TensorView<T, 1>& diff_bias) {
  require_shape("kernels::batch_norm_backward", "dy", dy.shape, x.shape);
  if (dx.data != nullptr) require_shape("kernels::batch_norm_backward", "dx", dx.shape, x.shape);
  const auto count = static_cast<double>(x.shape[0] * x.shape[2] * x.shape[3]);
  parallel_for(x.shape[1], [&](Index c) {
    const T *value = x.data, *upstream = dy.data;
    const T mean = statistics.mean(c), inverse = statistics.inverse(c), factor = weight(c) * inverse;
    double sum = 0, product = 0;
    if (!fixed || diff_weight.data != nullptr || diff_bias.data != nullptr) {
      sum = detail::channel_sum<T>(x.shape, c, [=](Index i) { return upstream[i]; });
      product =
          detail::channel_sum<T>(x.shape, c, [=](Index i) { return upstream[i] * ((value[i] - mean) * inverse); });
    }
    if (diff_bias.data != nullptr) diff_bias(c) += static_cast<T>(sum);
    if (diff_weight.data != nullptr) diff_weight(c) += static_cast<T>(product);
    if (dx.data == nullptr) return;
    T* to = dx.data;
    if (fixed) return detail::for_channel(x.shape, c, [=](Index i) { to[i] = factor * upstream[i]; });
    const T level = static_cast<T>(sum / count), slope = static_cast<T>(product / count) * inverse;
    detail::for_channel(x.shape, c,
                        [=](Index i) { to[i] = factor * (upstream[i] - level - slope * (value[i] - mean)); });
  });
}

}  // namespace pursuit::inline v0::kernels
