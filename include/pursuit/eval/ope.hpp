// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/box.hpp>
#include <pursuit/core/error.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <span>

namespace pursuit::inline v0 {

/// Distance of the boxes' centres in pixels; infinite where a box is not finite.
inline double center_error(const Box& a, const Box& b) {
  if (!is_finite(a) || !is_finite(b)) return std::numeric_limits<double>::infinity();
  return std::hypot(center(a).x - center(b).x, center(a).y - center(b).y);
}

/// How well one run of a tracker follows one sequence (one-pass evaluation).
struct OpeScore {
  std::array<double, 21> success{};    ///< share of frames with IoU > t, t = 0, 0.05, ..., 1
  std::array<double, 51> precision{};  ///< share of frames with centre error <= t pixels, t = 0 ... 50
  double mean_iou = 0;
  std::size_t frames = 0;  ///< that were compared

  /// Mean of the success curve. Perfect boxes give 20/21: no IoU is above 1.
  double auc() const { return std::accumulate(success.begin(), success.end(), 0.0) / success.size(); }
  double precision20() const { return precision[20]; }
};

/// Compares a run with the truth by the rules of the OTB benchmark as the got10k toolkit reads them: the first frame,
/// which the tracker was given, counts as right; the longer list is cut to the shorter. A frame whose truth has no
/// positive size or is not a number counts as a miss, never as a hit. Throws Error where either list is empty.
/// Ref: Wu et al. 2015 (OTB).
inline OpeScore score_ope(std::span<const Box> predicted, std::span<const Box> truth) {
  OpeScore score;
  score.frames = std::min(predicted.size(), truth.size());
  if (score.frames == 0)
    throw Error(
        concat("score_ope: ", predicted.size(), " boxes against ", truth.size(), ": need at least one of each"));
  for (std::size_t f = 0; f < score.frames; ++f) {
    if (!(area(truth[f]) > 0)) continue;
    const Box& box = f == 0 ? truth[0] : predicted[f];
    const double overlap = iou(box, truth[f]), error = center_error(box, truth[f]);
    for (std::size_t t = 0; t < score.success.size(); ++t) score.success[t] += overlap > static_cast<double>(t) / 20;
    for (std::size_t t = 0; t < score.precision.size(); ++t) score.precision[t] += error <= static_cast<double>(t);
    score.mean_iou += overlap;
  }
  const auto frames = static_cast<double>(score.frames);
  for (double& hits : score.success) hits /= frames;
  for (double& hits : score.precision) hits /= frames;
  score.mean_iou /= frames;
  return score;
}

}  // namespace pursuit::inline v0
