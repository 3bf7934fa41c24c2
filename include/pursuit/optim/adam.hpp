// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>
#include <pursuit/kernels/cpu/square_root.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace pursuit::inline v0::optim {

/// Steps of a size that does not depend on the gradient's (an Optimizer of concepts/optimizer.hpp). In step t of a
/// slot:
///
///     g <- gradient + weight_decay p
///     m <- beta1 m + (1 - beta1) g             v <- beta2 v + (1 - beta2) g^2
///     p <- p - rate (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)
///
/// Ref  Kingma and Ba 2015, algorithm 1.
template <std::floating_point T = float>
class Adam {
 public:
  struct Options {
    double rate = 1e-3;
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    double weight_decay = 0;
  };

  Adam() = default;
  explicit Adam(const Options& options) : rate(options.rate), options_(options) {}

  /// Makes the slot, for so many parameters, where it is not there yet.
  void prepare(std::size_t slot, std::size_t size) {
    if (slot >= moments_.size()) moments_.resize(slot + 1);
    Moments& moments = moments_[slot];
    if (!moments.steps.empty()) return;
    moments.steps.assign(1, T(0));
    moments.first.assign(size, T(0));
    moments.second.assign(size, T(0));
  }

  /// Throws ShapeError where the gradient is not as long as the parameters, or a slot has another length than before.
  void step(std::size_t slot, std::span<T> parameters, std::span<const T> gradient) {
    prepare(slot, parameters.size());
    Moments& moments = moments_[slot];
    const std::size_t n = parameters.size();
    if (gradient.size() != n || moments.first.size() != n || moments.second.size() != n)
      throw ShapeError(concat("Adam: slot ", slot, " of ", moments.first.size(), " numbers was given ",
                              parameters.size(), " parameters and a gradient of ", gradient.size()));
    moments.steps[0] += 1;
    const auto t = static_cast<double>(moments.steps[0]);
    const T b1 = static_cast<T>(options_.beta1), b2 = static_cast<T>(options_.beta2);
    const T rest1 = static_cast<T>(1 - options_.beta1), rest2 = static_cast<T>(1 - options_.beta2);
    const T by = static_cast<T>(rate / (1 - std::pow(options_.beta1, t)));
    const T unbias = static_cast<T>(1 / std::sqrt(1 - std::pow(options_.beta2, t)));
    const T epsilon = static_cast<T>(options_.epsilon), decay = static_cast<T>(options_.weight_decay);
    T *const m = moments.first.data(), *const v = moments.second.data(), *const p = parameters.data();
    const T* const d = gradient.data();
    // In blocks, so that the roots, which need a loop of their own, find their numbers in the cache.
    constexpr std::size_t block = 512;
    alignas(64) std::array<T, block> root;
    for (std::size_t from = 0; from < n; from += block) {
      const std::size_t count = std::min(block, n - from);
      T *const mb = m + from, *const vb = v + from, *const pb = p + from, *const r = root.data();
      const T* const db = d + from;
#pragma omp simd
      for (std::size_t i = 0; i < count; ++i) {
        const T g = db[i] + decay * pb[i];
        mb[i] = b1 * mb[i] + rest1 * g;
        r[i] = vb[i] = b2 * vb[i] + rest2 * g * g;
      }
      if constexpr (std::same_as<T, float>)
        kernels::cpu::square_roots(r, static_cast<Index>(count));
      else
        for (std::size_t i = 0; i < count; ++i) r[i] = std::sqrt(r[i]);
#pragma omp simd
      for (std::size_t i = 0; i < count; ++i) pb[i] -= by * mb[i] / (r[i] * unbias + epsilon);
    }
  }

  /// visit(name, numbers) for all that must be kept to go on later; numbers is a std::vector of T. Whoever brings
  /// numbers back prepares the slots before.
  template <class Visit>
  void state(Visit&& visit) {
    for (std::size_t slot = 0; slot < moments_.size(); ++slot) {
      visit("first." + std::to_string(slot), moments_[slot].first);
      visit("second." + std::to_string(slot), moments_[slot].second);
      visit("steps." + std::to_string(slot), moments_[slot].steps);
    }
  }

  double rate = 1e-3;  ///< a schedule may change it between steps

 private:
  struct Moments {
    std::vector<T> first, second;
    std::vector<T> steps;  // one number, kept with the others; a float counts to 16 million
  };
  Options options_{};
  std::vector<Moments> moments_;
};

}  // namespace pursuit::inline v0::optim
