// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <optional>
#include <span>
#include <vector>

namespace pursuit::inline v0 {

/// How much each sample of a memory counts, and which one makes room for the next. Weights sum to one (nearly, where
/// the first samples keep a minimum); each new one weighs `rate` of all and the older ones fade:
///
///     slot    = the lightest one (an empty one weighs 0); never one of the first samples if they keep a minimum
///     weight  = that of the sample before it / (1 - rate), rate for the first one that is added
///     all    /= their sum
///     if the first F weigh less than the minimum m:  all /= m + sum of the others,  each of the first = m / F
///
/// Ref     Danelljan et al. 2017 (ECO); visionml/pytracking (`update_sample_weights`).
class SampleMemory {
 public:
  SampleMemory() = default;

  /// So many slots, of which the first hold one sample each that counts by its share in `first`; shares are made to
  /// sum to one, and are equal where they sum to nothing.
  /// Throws Error unless there is a first sample, room for another, and a minimum in [0, 1).
  SampleMemory(std::size_t slots, std::span<const double> first, double first_minimum)
      : weights_(slots, 0.0), first_(first.size()), minimum_(first_minimum) {
    if (first.empty() || slots <= first.size() || !(first_minimum >= 0 && first_minimum < 1))
      throw Error(concat("SampleMemory: ", slots, " slots, ", first.size(), " first samples that keep ", first_minimum,
                         ": need at least one, a slot more than they take, and a minimum in [0, 1)"));
    const double sum = std::accumulate(first.begin(), first.end(), 0.0);
    for (std::size_t i = 0; i < first_; ++i) weights_[i] = sum > 0 ? first[i] / sum : 1.0 / static_cast<double>(first_);
    used_ = first_;
  }

  std::span<const double> weights() const { return weights_; }
  /// Slots [0, used()) hold samples.
  std::size_t used() const { return used_; }
  std::size_t size() const { return weights_.size(); }

  /// Makes room for a sample and answers where it belongs. Throws Error unless the rate is in [0, 1].
  std::size_t add(double rate) {
    if (!(rate >= 0 && rate <= 1)) throw Error(concat("SampleMemory: rate ", rate, ": need 0 to 1"));
    std::size_t slot = 0;
    if (rate == 1) {
      std::fill(weights_.begin(), weights_.end(), 0.0);
      weights_[0] = 1;
    } else {
      const auto begin = weights_.begin() + static_cast<std::ptrdiff_t>(minimum_ > 0 ? first_ : 0);
      slot = static_cast<std::size_t>(std::min_element(begin, weights_.end()) - weights_.begin());
      if (previous_) {
        weights_[slot] = weights_[*previous_] / (1 - rate);
      } else {
        for (double& w : weights_) w /= 1 - rate;
        weights_[slot] = rate;
      }
    }
    previous_ = slot;
    used_ = std::max(used_, slot + 1);
    settle();
    return slot;
  }

 private:
  void settle() {
    const double sum = std::accumulate(weights_.begin(), weights_.end(), 0.0);
    for (double& w : weights_) w /= sum;
    const auto others = weights_.begin() + static_cast<std::ptrdiff_t>(first_);
    if (!(minimum_ > 0) || std::accumulate(weights_.begin(), others, 0.0) >= minimum_) return;
    const double rest = std::accumulate(others, weights_.end(), 0.0);
    std::fill(weights_.begin(), others, minimum_ / static_cast<double>(first_));
    for (auto w = others; w != weights_.end(); ++w) *w /= minimum_ + rest;
  }

  std::vector<double> weights_;
  std::size_t first_ = 0, used_ = 0;
  double minimum_ = 0;
  std::optional<std::size_t> previous_{};
};

}  // namespace pursuit::inline v0
