// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/aligned.hpp>
#include <pursuit/core/tensor_view.hpp>
#include <pursuit/kernels/decay.hpp>
#include <pursuit/kernels/sample_filter.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace pursuit::inline v0 {

/// What a filter w says of the samples of a memory, against what it should say:
///
///     r_j = sqrt(g_j) e_j (phi(s_j) - y_j),   s_j = w * x_j
///     phi(s) = s where s >= 0, a (exp(s / a) - 1) below;   phi'(s) = exp(min(s, 0) / a)
///     e_j = exp(-beta m_j / max_i m_i),   m_j = max |phi(s_j) - y_j| + 0.01
///
/// with the products of the Jacobian by w. The factors e_j are held constant between two linearisations: so they
/// are weights g_j e_j^2, which the published code differentiates too, a difference of second order.
///
/// The responses s_j follow w by linearity: whoever moves w by alpha p after a product with p says take(alpha). Each
/// product reads a sample once; samples of no weight are passed over. Packed samples and filters are those of
/// kernels::SampleFilter.
///
/// Ref     Danelljan et al. 2019 (ATOM), eqs. (4) to (6); ShuaiBai623/DRNet.
template <std::floating_point T>
class FilterResiduals {
 public:
  struct Options {
    double activation = 0.05;  ///< a; 0: phi(s) = s
    double hard_samples = 0;   ///< -beta: above 0, samples with larger residuals count more
    bool ahead = false;        ///< there is memory for prepare()
  };

  FilterResiduals() = default;
  FilterResiduals(kernels::SampleFilter<T> filter, std::size_t slots, const Options& options)
      : filter_(std::move(filter)),
        options_(options),
        map_((filter_.cells() + 15) / 16 * 16),
        samples_(slots * static_cast<std::size_t>(filter_.sample_size()), T(0)),
        labels_(slots * static_cast<std::size_t>(map_), T(0)),
        responses_(labels_),
        moves_(labels_),
        curvatures_(labels_),
        pull_(static_cast<std::size_t>(map_), T(0)),
        residual_(pull_),
        slope_(pull_),
        gradients_(options.ahead ? slots * static_cast<std::size_t>(filter_.filter_size()) : 0, T(0)),
        weights_(slots, 0.0),
        factors_(slots, 1.0),
        scales_(slots, T(0)),
        prepared_(slots, false) {}

  const kernels::SampleFilter<T>& filter() const { return filter_; }
  T* sample(std::size_t slot) { return samples_.data() + slot * static_cast<std::size_t>(filter_.sample_size()); }
  T* label(std::size_t slot) { return at(labels_, slot); }
  const T* response(std::size_t slot) const { return responses_.data() + slot * static_cast<std::size_t>(map_); }

  /// Slots beyond those given count nothing.
  void set_weights(std::span<const double> weights) {
    std::fill(weights_.begin(), weights_.end(), 0.0);
    std::copy(weights.begin(), weights.end(), weights_.begin());
  }

  /// s_j = w * x_j, of one sample or of all.
  void respond(std::size_t slot, const T* w) {
    filter_.use(w);
    respond(slot);
  }
  void respond(const T* w) {
    filter_.use(w);
    for (std::size_t j = 0; j < weights_.size(); ++j)
      if (weights_[j] > 0) respond(j);
  }

  /// Does some of the next linearise() before its time: its part for so many samples, which holds until the responses
  /// change. Weights may change. Without `ahead` it does nothing.
  void prepare(std::size_t samples) {
    if (!options_.ahead) return;
    for (std::size_t j = 0; j < weights_.size() && samples > 0; ++j) {
      if (!(weights_[j] > 0) || prepared_[j]) continue;
      prepare_one(j);
      --samples;
    }
  }

  /// g += J^T r at the present responses, which are the point of the products from now on.
  void linearise(T* g) {
    weigh_hard_samples();
    const Index size = filter_.filter_size();
    for (std::size_t j = 0; j < weights_.size(); ++j) {
      if (!(weights_[j] > 0)) continue;
      const T scale = scales_[j] = static_cast<T>(weights_[j] * factors_[j] * factors_[j]);
      if (!options_.ahead) {
        pull_back(j, scale);
        continue;
      }
      if (!prepared_[j]) prepare_one(j);
      const T* const part = gradient(j);
#pragma omp simd
      for (Index i = 0; i < size; ++i) g[i] += scale * part[i];
    }
    if (!options_.ahead) filter_.deliver(g);
  }

  /// g += J^T J p. Answers |J p|^2.
  double multiply(const T* p, T* g) {
    const double square = products(p, [&](std::size_t j) { filter_.collect(pull_.data(), sample(after(j))); });
    filter_.deliver(g);
    return square;
  }
  /// |J p|^2.
  double curvature(const T* p) {
    return products(p, [](std::size_t) {});
  }
  /// The filter moves by alpha times the one of the last product.
  void take(T alpha) {
    std::fill(prepared_.begin(), prepared_.end(), false);
    for (std::size_t j = 0; j < weights_.size(); ++j) {
      if (!(weights_[j] > 0)) continue;
      T* const s = at(responses_, j);
      const T* const move = at(moves_, j);
      for (Index i = 0; i < map_; ++i) s[i] += alpha * move[i];
    }
  }

 private:
  void respond(std::size_t slot) {
    filter_.look(sample(slot));
    filter_.respond(at(responses_, slot));
    prepared_[slot] = false;
  }

  T* at(AlignedVector<T>& maps, std::size_t slot) { return maps.data() + slot * static_cast<std::size_t>(map_); }

  /// The next sample that counts; after the last one the first.
  std::size_t after(std::size_t slot) const {
    for (std::size_t j = slot + 1; j < weights_.size(); ++j)
      if (weights_[j] > 0) return j;
    return 0;
  }

  T* gradient(std::size_t slot) { return gradients_.data() + slot * static_cast<std::size_t>(filter_.filter_size()); }
  void prepare_one(std::size_t slot) {
    std::fill_n(gradient(slot), filter_.filter_size(), T(0));
    pull_back(slot, T(1));
    filter_.deliver(gradient(slot));
    prepared_[slot] = true;
  }
  /// Collects scale J^T r of one sample that weighs 1, whose squared slopes are kept.
  void pull_back(std::size_t slot, T scale) {
    activate(slot);
    const Index n = filter_.cells();
    const T *const d = residual_.data(), *const slope = slope_.data();
    T *const h = at(curvatures_, slot), *const u = pull_.data();
#pragma omp simd
    for (Index i = 0; i < n; ++i) {
      u[i] = scale * slope[i] * d[i];
      h[i] = slope[i] * slope[i];
    }
    filter_.look(sample(slot));
    filter_.collect(u, sample(after(slot)));
  }

  /// residual_ = phi(s) - y and slope_ = phi'(s) of a sample.
  void activate(std::size_t slot) {
    const Index n = filter_.cells();
    const T *const s = response(slot), *const y = label(slot);
    T *const d = residual_.data(), *const slope = slope_.data();
    const T a = static_cast<T>(options_.activation);
    if (a > 0) {
      kernels::decay(s, a, n, slope);
#pragma omp simd
      for (Index i = 0; i < n; ++i) d[i] = T(0.5) * (s[i] + std::abs(s[i])) + a * (slope[i] - 1) - y[i];
    } else {
      for (Index i = 0; i < n; ++i) slope[i] = 1;
      for (Index i = 0; i < n; ++i) d[i] = s[i] - y[i];
    }
  }

  void weigh_hard_samples() {
    if (options_.hard_samples == 0) return;
    double largest = 0;
    for (std::size_t j = 0; j < weights_.size(); ++j) {
      if (!(weights_[j] > 0)) continue;
      activate(j);
      T worst = 0;
      for (Index i = 0; i < filter_.cells(); ++i)
        worst = std::max(worst, std::abs(residual_[static_cast<std::size_t>(i)]));
      factors_[j] = static_cast<double>(worst) + 0.01;
      largest = std::max(largest, factors_[j]);
    }
    for (std::size_t j = 0; j < weights_.size(); ++j)
      if (weights_[j] > 0) factors_[j] = std::exp(options_.hard_samples * factors_[j] / largest);
  }

  template <class Use>
  double products(const T* p, Use&& use) {
    const Index n = filter_.cells();
    double sum = 0;
    filter_.use(p);
    for (std::size_t j = 0; j < weights_.size(); ++j) {
      if (!(weights_[j] > 0)) continue;
      T* const move = at(moves_, j);
      filter_.look(sample(j));
      filter_.respond(move);
      const T* const h = at(curvatures_, j);
      T* const u = pull_.data();
      const T scale = scales_[j];
      T part = 0;
#pragma omp simd reduction(+ : part)
      for (Index i = 0; i < n; ++i) {
        u[i] = scale * h[i] * move[i];
        part += u[i] * move[i];
      }
      sum += static_cast<double>(part);
      use(j);
    }
    return sum;
  }

  kernels::SampleFilter<T> filter_;
  Options options_{};
  Index map_ = 0;  // numbers from one map to the next
  AlignedVector<T> samples_, labels_, responses_, moves_, curvatures_, pull_, residual_, slope_;
  AlignedVector<T> gradients_;  // J^T r of each sample, as if it weighed 1, where it is prepared
  std::vector<double> weights_, factors_;
  std::vector<T> scales_;  // weights of the last linearisation, hard samples' factors included
  std::vector<bool> prepared_;
};

/// The problem of a filter alone: |r|^2 + lambda |w|^2.
template <std::floating_point T>
class FilterProblem {
 public:
  FilterProblem(FilterResiduals<T>& residuals, double regulariser)
      : residuals_(&residuals), regulariser_(static_cast<T>(regulariser)) {}

  /// The residuals know the responses to w.
  void linearise(std::span<const T> w, std::span<T> g) {
    for (std::size_t i = 0; i < w.size(); ++i) g[i] = regulariser_ * w[i];
    residuals_->linearise(g.data());
  }
  void multiply(std::span<const T> p, std::span<T> q) {
    for (std::size_t i = 0; i < p.size(); ++i) q[i] = regulariser_ * p[i];
    residuals_->multiply(p.data(), q.data());
  }
  double curvature(std::span<const T> p) {
    double sum = residuals_->curvature(p.data());
    for (const T v : p) sum += static_cast<double>(regulariser_ * v * v);
    return sum;
  }
  void take(T alpha) { residuals_->take(alpha); }

 private:
  FilterResiduals<T>* residuals_;
  T regulariser_;
};

/// The problem of a filter w (O, row) and a projection m (C, O) at once, both unknowns one after the other:
///
///     |r(w * (m^T x))|^2 + lambda_w |w|^2 + lambda_m |m|^2
///
/// A projection followed by a filter is one filter e = m w (C, row) on what is not projected, so the residuals are
/// those of e, and their gradient G by e gives both parts: m^T G by w, G w^T by m. That takes a fourth of the work of
/// projecting all samples.
///
/// `residuals` holds samples of C channels. In float, vectors to multiply are on a 64-byte border (AlignedVector).
template <std::floating_point T>
class JointFilterProblem {
 public:
  JointFilterProblem(FilterResiduals<T>& residuals, Index outputs, double filter_regulariser,
                     double projection_regulariser)
      : residuals_(&residuals),
        channels_(residuals.filter().channels()),
        outputs_(outputs),
        row_(residuals.filter().row()),
        filter_regulariser_(static_cast<T>(filter_regulariser)),
        projection_regulariser_(static_cast<T>(projection_regulariser)),
        wide_((outputs + 15) / 16 * 16),
        combined_(static_cast<std::size_t>(channels_ * row_)),
        gradient_(combined_),
        turned_(static_cast<std::size_t>(row_ * wide_)),
        by_projection_(static_cast<std::size_t>(channels_ * wide_)) {}

  /// Unknowns of the filter, which come first.
  std::size_t filter_size() const { return static_cast<std::size_t>(outputs_ * row_); }
  std::size_t size() const { return filter_size() + static_cast<std::size_t>(channels_ * outputs_); }

  void linearise(std::span<const T> x, std::span<T> g) {
    point_.assign(x.begin(), x.end());
    std::fill(combined_.begin(), combined_.end(), T(0));
    add_combined(filter(point_), projection(point_));
    residuals_->respond(combined_.data());
    std::fill(gradient_.begin(), gradient_.end(), T(0));
    residuals_->linearise(gradient_.data());
    divide(x, g);
  }
  void multiply(std::span<const T> d, std::span<T> q) {
    combine(d);
    std::fill(gradient_.begin(), gradient_.end(), T(0));
    residuals_->multiply(combined_.data(), gradient_.data());
    divide(d, q);
  }
  double curvature(std::span<const T> d) {
    combine(d);
    double sum = residuals_->curvature(combined_.data());
    for (std::size_t i = 0; i < d.size(); ++i) sum += static_cast<double>(regulariser(i) * d[i] * d[i]);
    return sum;
  }
  void precondition(std::span<const T> r, std::span<T> z) const {
    for (std::size_t i = 0; i < r.size(); ++i) z[i] = r[i] / regulariser(i);
  }

 private:
  T regulariser(std::size_t i) const { return i < filter_size() ? filter_regulariser_ : projection_regulariser_; }
  const T* filter(std::span<const T> x) const { return x.data(); }
  const T* projection(std::span<const T> x) const { return x.data() + filter_size(); }

  /// combined += m w.
  void add_combined(const T* w, const T* m) {
    kernels::add_narrow_product(m, outputs_, Index(1), w, channels_, outputs_, row_, combined_.data());
  }
  /// What e moves by when w and m move by d.
  void combine(std::span<const T> d) {
    std::fill(combined_.begin(), combined_.end(), T(0));
    add_combined(filter(d), projection(point_));
    add_combined(filter(point_), projection(d));
  }
  /// The gradient by e becomes that by w and by m, and what regularises `x` is added.
  void divide(std::span<const T> x, std::span<T> g) {
    for (std::size_t i = 0; i < x.size(); ++i) g[i] = regulariser(i) * x[i];
    const T *const w = filter(point_), *const m = projection(point_), *const by_e = gradient_.data();
    kernels::add_narrow_product(m, Index(1), outputs_, by_e, outputs_, channels_, row_, g.data());
    // G w^T as (C, row) (row, O): w turned round, and its width filled up.
    std::fill(turned_.begin(), turned_.end(), T(0));
    for (Index o = 0; o < outputs_; ++o)
      for (Index t = 0; t < row_; ++t) turned_[static_cast<std::size_t>(t * wide_ + o)] = w[o * row_ + t];
    std::fill(by_projection_.begin(), by_projection_.end(), T(0));
    kernels::add_narrow_product(by_e, row_, Index(1), turned_.data(), channels_, row_, wide_, by_projection_.data());
    T* const dm = g.data() + filter_size();
    for (Index c = 0; c < channels_; ++c)
      for (Index o = 0; o < outputs_; ++o)
        dm[c * outputs_ + o] += by_projection_[static_cast<std::size_t>(c * wide_ + o)];
  }

  FilterResiduals<T>* residuals_;
  Index channels_, outputs_, row_;
  T filter_regulariser_, projection_regulariser_;
  Index wide_;  // outputs, filled up to a multiple of 16
  AlignedVector<T> point_, combined_, gradient_, turned_, by_projection_;
};

}  // namespace pursuit::inline v0
