// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/features.hpp>
#include <pursuit/core/track.hpp>
#include <pursuit/estimator/localisation.hpp>

#include <array>
#include <span>

namespace pursuit::inline v0 {

/// What estimators have in common that ask Localisation where the target is, in one crop a frame, before a network says
/// how large it is.
class LocatedBoxes {
 public:
  std::span<const double> scales() const { return scales_; }

  /// Without features the size stays.
  TargetState estimate(const ResponseMap<>& response, const TargetState& previous) const {
    return localisation_.locate(response, previous);
  }

 protected:
  explicit LocatedBoxes(const Localisation::Options& options) : localisation_(options) {}

 private:
  static constexpr std::array<double, 1> scales_{1.0};

  Localisation localisation_;
};

}  // namespace pursuit::inline v0
