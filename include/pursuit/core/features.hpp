// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/crop.hpp>
#include <pursuit/core/tensor_view.hpp>

#include <array>
#include <cstddef>
#include <span>

namespace pursuit::inline v0 {

/// One level of a backbone's output for a batch of patches.
template <class D = Cpu>
struct FeatureMap {
  TensorView<const float, 4, D> values{};  ///< (N, C, H, W)
  double stride = 1;                       ///< pixels of the patch from one cell to the next
};

/// What a backbone gives: one level or several, finest first. The memory is the backbone's and is valid until
/// its next extract().
template <class D = Cpu>
struct FeatureMaps {
  static constexpr std::size_t max_levels = 4;
  std::array<FeatureMap<D>, max_levels> level{};
  std::size_t levels = 0;

  /// The last and coarsest level: what a classifier reads when it reads one. Pre: there is a level.
  const FeatureMap<D>& top() const { return level[levels - 1]; }
  /// Throws Error where there are max_levels already.
  void add(const FeatureMap<D>& map) {
    if (levels == max_levels) throw Error(concat("FeatureMaps: a level more than the ", max_levels, " there can be"));
    level[levels++] = map;
  }
};

/// Feature maps with what is known about them: what a classifier or an estimator learns from.
/// Map 0 of the batch is the target's crop, then come the crops of its surroundings (`contexts` of them), then
/// augmented views of the target.
template <class D = Cpu>
struct Sample {
  FeatureMaps<D> features{};
  std::span<const Crop> crops{};   ///< (N) where each map was taken
  std::span<const Box> targets{};  ///< (N) the target in pixels of each patch; of size 0 in crops of the surroundings
  std::size_t contexts = 0;
  bool hard_negative = false;  ///< something in the crop looks much like the target and is not: see TargetState
};

/// A classifier's answer: how much each place looks like the target.
template <class D = Cpu>
struct ResponseMap {
  /// Where the cell of no displacement is.
  enum class Origin {
    corner,  ///< cell (0, 0), places beyond half the map wrap around (correlation filters)
    middle   ///< the centre of the map, (H - 1) / 2 (valid cross-correlation)
  };

  TensorView<const float, 3, D> values{};  ///< (S, H, W), one map for each crop
  std::span<const Crop> crops{};           ///< (S)
  double stride = 1;                       ///< pixels of the patch from one cell to the next
  Origin origin = Origin::middle;
  int frame_width = 0;  ///< pixels
  int frame_height = 0;
};

}  // namespace pursuit::inline v0
