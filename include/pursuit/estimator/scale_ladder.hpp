// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>

#include <cmath>
#include <span>
#include <vector>

namespace pursuit::inline v0 {

/// Sizes to try: factors step^e and what a change of size must be better by, penalty^|e|.
class ScaleLadder {
 public:
  /// Exponents -(count-1)/2 ... (count-1)/2; an even count has half exponents.
  /// Throws Error unless count is 1 to 1000 and the factors are positive numbers.
  ScaleLadder(int count, double step, double penalty) {
    if (count < 1 || count > 1000) throw Error(concat("ScaleLadder: ", count, " scales: need 1 to 1000"));
    std::vector<double> exponents;
    for (int i = 0; i < count; ++i) exponents.push_back(i - (count - 1) / 2.0);
    *this = ScaleLadder(exponents, step, penalty);
  }
  /// Throws Error where there are no exponents, or a factor is not a positive number.
  ScaleLadder(std::span<const double> exponents, double step, double penalty) {
    if (exponents.empty()) throw Error("ScaleLadder: no scales: need at least 1");
    for (const double e : exponents) {
      factors_.push_back(std::pow(step, e));
      if (!(step > 0) || !std::isfinite(factors_.back()) || factors_.back() == 0)
        throw Error(concat("ScaleLadder: step ", step, " to the power of ", e, ": need positive numbers"));
      penalties_.push_back(std::pow(penalty, std::abs(e)));
    }
  }

  std::span<const double> factors() const { return factors_; }
  std::span<const double> penalties() const { return penalties_; }

 private:
  std::vector<double> factors_;
  std::vector<double> penalties_;
};

}  // namespace pursuit::inline v0
