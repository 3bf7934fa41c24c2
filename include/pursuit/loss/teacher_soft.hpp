// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/loss/smooth_l1.hpp>

namespace pursuit::inline v0::loss {

/// What a student says about proposals against what its teacher says: SmoothL1 of threshold 1, the mean over all
/// numbers (one IoU a proposal, or the four of a box regressor). The teacher's are the target and have no gradient.
///
/// Ref  Danier 2020, "Knowledge Distillation for DCF Trackers", section 3.2; Liu et al. 2022.
template <std::floating_point T = float>
struct TeacherSoft : SmoothL1<T> {};

}  // namespace pursuit::inline v0::loss
