// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/aligned.hpp>
#include <pursuit/kernels/same_correlation.hpp>
#include <pursuit/loss/channel_sum.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>

namespace pursuit::inline v0::loss {

/// Fidelity where the target is: maps of the search region count by how well they correlate with the target.
///
///     L = mse(F(T_s), F(T_t)) + mse(F(Z_s W_s), F(Z_t W_t))         F = loss::channel_sum, W = Q / sum Q
///
/// with Q the correlation of Z with T as in loss::CorrelationFilter, and its sum over the batch. Where that sum is not
/// above 1e-8 in size (features that are all zero), W is 0 and a constant. With
/// e = 2/N (F(Z_s W_s) - F(Z_t W_t)) and S = sum Q, for the student:
///
///     dW = e sign(W) F(Z)      dQ = dW / S - (sum dW Q) / S^2
///     dZ = e |W| sign(Z) + (correlation backward of dQ)
///     dT = 2/N (F(T_s) - F(T_t)) sign(T) + (correlation backward of dQ)
///
/// With a label, W is the label over its sum, the same for both and without a gradient, and nothing is correlated.
///
/// Shapes  target (N,C,s,s), search (N,C,h,w), the teacher's with C' channels; label (N,h,w), see loss::response_label
///         (published: sigma 1/4).
/// Ref     Liu et al. 2022, "Teacher-Students Knowledge Distillation for Siamese Trackers", as published with CFKD.
template <std::floating_point T = float>
class TargetResponse {
 public:
  using scalar = T;
  using View = TensorView<const T, 4>;

  /// What gradient() needs of value().
  struct Cache {
    kernels::SameCorrelation<T> student{}, teacher{};
    AlignedVector<T> q{}, sums{}, error{}, target_error{};
    T total = 0;
    bool labelled = false;
  };

  T value(const View& target, const View& search, const View& teacher_target, const View& teacher_search, Cache& cache,
          const TensorView<const T, 3>& label = {}) const {
    if (label.data != nullptr) require_shape("loss::TargetResponse", "the label", label.shape, maps(search));
    require_shape("loss::TargetResponse", "the teacher's search", maps(teacher_search), maps(search));
    require_shape("loss::TargetResponse", "the teacher's target", maps(teacher_target), maps(target));
    AlignedVector<T> q, sums, weighted, target_sums;
    weigh(teacher_target, teacher_search, label, cache.teacher, q, sums);
    weighted = sums;
    const T teacher_share = share_of(total(q));
    for (std::size_t i = 0; i < weighted.size(); ++i) weighted[i] *= std::abs(q[i] * teacher_share);

    weigh(target, search, label, cache.student, cache.q, cache.sums);
    cache.labelled = label.data != nullptr;
    cache.total = total(cache.q);
    const T share = share_of(cache.total);
    cache.error.resize(weighted.size());
    for (std::size_t i = 0; i < weighted.size(); ++i)
      cache.error[i] = cache.sums[i] * std::abs(cache.q[i] * share) - weighted[i];
    cache.target_error.resize(static_cast<std::size_t>(volume(maps(target))));
    target_sums.resize(cache.target_error.size());
    channel_sum<T>(target, {cache.target_error.data(), maps(target)});
    channel_sum<T>(teacher_target, {target_sums.data(), maps(target)});
    for (std::size_t i = 0; i < target_sums.size(); ++i) cache.target_error[i] -= target_sums[i];
    return mean_square(cache.error) + mean_square(cache.target_error);
  }

  /// Writes the gradients. Pre: value() filled the cache, which is used up.
  void gradient(const View& target, const View& search, Cache& cache, const TensorView<T, 4>& d_target,
                const TensorView<T, 4>& d_search) const {
    require_shape("loss::TargetResponse", "the target's gradient", d_target.shape, target.shape);
    require_shape("loss::TargetResponse", "the search's gradient", d_search.shape, search.shape);
    AlignedVector<T> dq(cache.q.size());
    const T factor = 2 / static_cast<T>(cache.error.size()), share = share_of(cache.total);
    double product = 0;
    for (std::size_t i = 0; i < dq.size(); ++i) {
      const T e = factor * cache.error[i], weight = cache.q[i] * share;
      dq[i] = e * (weight > 0 ? T(1) : weight < 0 ? T(-1) : T(0)) * cache.sums[i];
      product += static_cast<double>(dq[i] * cache.q[i]);
      cache.error[i] = e * std::abs(weight);
    }
    if (cache.labelled) {
      std::fill(d_target.begin(), d_target.end(), T(0));
      std::fill(d_search.begin(), d_search.end(), T(0));
    } else {
      for (T& d : dq) d = d * share - static_cast<T>(product) * share * share;
      cache.student.backward({dq.data(), maps(search)}, d_target, d_search);
    }
    add_signed(search, cache.error, d_search);
    const T of_target = 2 / static_cast<T>(cache.target_error.size());
    for (T& e : cache.target_error) e *= of_target;
    add_signed(target, cache.target_error, d_target);
  }

 private:
  static Shape<3> maps(const View& u) { return {u.shape[0], u.shape[2], u.shape[3]}; }

  /// q, or the label that stands for it, and F(Z).
  static void weigh(const View& target, const View& search, const TensorView<const T, 3>& label,
                    kernels::SameCorrelation<T>& correlation, AlignedVector<T>& q, AlignedVector<T>& sums) {
    q.resize(static_cast<std::size_t>(volume(maps(search))));
    sums.resize(q.size());
    if (label.data != nullptr)
      std::copy(label.begin(), label.end(), q.begin());
    else
      correlation.forward(target, search, {q.data(), maps(search)});
    channel_sum<T>(search, {sums.data(), maps(search)});
  }
  static T total(const AlignedVector<T>& q) {
    double sum = 0;
    for (const T v : q) sum += static_cast<double>(v);
    return static_cast<T>(sum);
  }
  static T share_of(T total) { return std::abs(total) > T(1e-8) ? 1 / total : T(0); }
  static T mean_square(const AlignedVector<T>& error) {
    double sum = 0;
    for (const T e : error) sum += static_cast<double>(e) * static_cast<double>(e);
    return static_cast<T>(sum / static_cast<double>(error.size()));
  }
  static void add_signed(const View& u, const AlignedVector<T>& df, const TensorView<T, 4>& du) {
    const Index cells = u.shape[2] * u.shape[3];
    for (Index n = 0; n < u.shape[0]; ++n)
      for (Index c = 0; c < u.shape[1]; ++c)
        for (Index i = 0; i < cells; ++i) {
          const T value = u[n][c].data[i], d = df[static_cast<std::size_t>(n * cells + i)];
          du[n][c].data[i] += value > 0 ? d : value < 0 ? -d : T(0);
        }
  }
};

}  // namespace pursuit::inline v0::loss
