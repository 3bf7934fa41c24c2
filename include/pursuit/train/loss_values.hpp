// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace pursuit::inline v0 {

/// The loss of a batch, and what it is made of under the names that a log shows: "iou", "soft", ... The parts need not
/// sum up to the total.
struct LossValues {
  double total = 0;
  std::vector<std::pair<std::string, double>> parts;

  friend bool operator==(const LossValues&, const LossValues&) = default;
};

/// The mean of the losses of several batches, each counted as often as it has examples.
class MeanLoss {
 public:
  /// Throws Error where the parts have other names than those before.
  void add(const LossValues& loss, double examples = 1) {
    if (examples_ == 0) {
      sums_.parts.clear();
      for (const auto& part : loss.parts) sums_.parts.emplace_back(part.first, 0);
    }
    if (loss.parts.size() != sums_.parts.size())
      throw Error(concat("MeanLoss: a loss of ", loss.parts.size(), " parts after one of ", sums_.parts.size()));
    sums_.total += examples * loss.total;
    for (std::size_t i = 0; i < loss.parts.size(); ++i) {
      if (loss.parts[i].first != sums_.parts[i].first)
        throw Error(concat("MeanLoss: the part ", loss.parts[i].first, " stands where ", sums_.parts[i].first, " was"));
      sums_.parts[i].second += examples * loss.parts[i].second;
    }
    examples_ += examples;
  }

  /// Zeros before the first add().
  LossValues mean() const {
    LossValues mean = sums_;
    if (examples_ == 0) return mean;
    mean.total /= examples_;
    for (auto& part : mean.parts) part.second /= examples_;
    return mean;
  }

  /// What has been added, for a checkpoint.
  const LossValues& sums() const { return sums_; }
  double examples() const { return examples_; }
  MeanLoss() = default;
  MeanLoss(LossValues sums, double examples) : sums_(std::move(sums)), examples_(examples) {}

 private:
  LossValues sums_;
  double examples_ = 0;
};

}  // namespace pursuit::inline v0
