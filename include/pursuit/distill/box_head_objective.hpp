// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/version.hpp>

namespace pursuit::inline v0::distill {

/// What a student learns from, and which part of it learns. A loss of weight 0 costs nothing.
struct BoxHeadObjective {
  double truth = 1;  ///< the head against the true boxes
  enum class TruthLoss { mean_squared, smooth_l1 } truth_loss = TruthLoss::mean_squared;
  double soft = 0;              ///< ... against what the teacher says
  double hard = 0;              ///< ... against the true boxes, until it is better than the teacher
  double fidelity = 0;          ///< the blocks of strides 8 and 16 against the teacher's
  double filter = 0;            ///< all four blocks: whether a correlation with the target finds it
  double response = 0;          ///< the block of stride 16: whether a filter learned from the target finds it
  bool maximum_of_map = false;  ///< filter: of each map, as the thesis has it; else of the batch, as published code has
  bool backbone = true;         ///< learns; otherwise it is frozen, its statistics too
  bool head = true;
};

/// The weights of Danier 2020 in the published code: all four losses at once.
inline constexpr BoxHeadObjective cfkd_objective{.truth = 0, .soft = 1, .hard = 0.1, .fidelity = 100, .filter = 0.01};

}  // namespace pursuit::inline v0::distill
