// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>
#include <pursuit/eval/raster_overlap.hpp>
#include <pursuit/io/region.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <span>
#include <utility>
#include <variant>
#include <vector>

namespace pursuit::inline v0 {

/// A run of VOT's long-term experiment on one sequence: the tracker is never started again, and says with each box how
/// sure it is that it sees the target.
struct LongTermRun {
  std::vector<double> overlaps;    ///< with the truth; 0 where there is no target
  std::vector<double> confidence;  ///< a number a frame, larger where the tracker is surer
  std::size_t visible = 0;         ///< frames with a target
};

/// A run with its overlaps counted in pixels of a frame of width x height; truth that is a mark or not finite is a
/// frame without the target. Throws Error where lengths differ.
inline LongTermRun compare_long_term(std::span<const Region> regions, std::vector<double> confidence,
                                     std::span<const Region> truth, int width, int height) {
  if (regions.size() != truth.size() || confidence.size() != truth.size())
    throw Error(concat("compare_long_term: ", regions.size(), " regions and ", confidence.size(), " confidences for ",
                       truth.size(), " frames"));
  LongTermRun run{std::vector<double>(truth.size()), std::move(confidence), 0};
  for (std::size_t f = 0; f < truth.size(); ++f) {
    run.overlaps[f] = raster_overlap(regions[f], truth[f], width, height);
    run.visible += detail::can_be_drawn(truth[f]);
  }
  return run;
}

/// Tracking precision, recall and F, as a threshold is moved over the confidence: what is below it counts as not seen.
struct LongTermScore {
  double precision = 0;  ///< at the best threshold, the one where F is largest
  double recall = 0;
  double f = 0;
  double threshold = 0;
  std::vector<double> thresholds;       ///< from infinity down to minus infinity
  std::vector<double> precision_curve;  ///< mean overlap of the frames that count as seen, 1 where there are none
  std::vector<double> recall_curve;     ///< sum of these overlaps by the frames with a target
};

namespace detail {

/// `resolution` thresholds that have about as many confidences between each two of them.
inline std::vector<double> long_term_thresholds(std::span<const LongTermRun> runs, std::size_t resolution) {
  std::vector<double> scores;
  for (const LongTermRun& run : runs)
    for (const double c : run.confidence)
      if (!std::isnan(c)) scores.push_back(c);
  std::sort(scores.begin(), scores.end(), std::greater<>());
  const std::size_t inner = resolution - 2;
  constexpr double infinity = std::numeric_limits<double>::infinity();
  std::vector<double> thresholds{infinity};
  if (scores.size() > inner) {
    const auto step = static_cast<double>(scores.size() / inner), size = static_cast<double>(scores.size());
    for (std::size_t i = 0; i < inner; ++i) {
      const double at = step + static_cast<double>(i) * (size - 2 * step) / static_cast<double>(inner - 1);
      thresholds.push_back(scores[static_cast<std::size_t>(std::nearbyint(at))]);
    }
  } else {
    thresholds.insert(thresholds.end(), scores.begin(), scores.end());
  }
  thresholds.push_back(-infinity);
  return thresholds;
}

}  // namespace detail

/// Scores a tracker by one run on each sequence, as the VOT toolkit does: precision and recall are those of the
/// sequences' means. Throws Error where there is no run, or one without frames with a target.
/// Ref: Lukezic et al. 2018, "Now you see me: evaluating performance in long-term visual tracking".
inline LongTermScore score_long_term(std::span<const LongTermRun> runs, std::size_t resolution = 100) {
  if (runs.empty() || resolution < 4) throw Error("score_long_term: need one run or more and four thresholds or more");
  LongTermScore score;
  score.thresholds = detail::long_term_thresholds(runs, resolution);
  const auto count = static_cast<double>(runs.size());
  for (const double threshold : score.thresholds) {
    double precision = 0, recall = 0;
    for (const LongTermRun& run : runs) {
      if (run.visible == 0) throw Error("score_long_term: a sequence without a frame with the target");
      double sum = 0, seen = 0;
      for (std::size_t f = 0; f < run.overlaps.size(); ++f)
        if (run.confidence[f] >= threshold) sum += run.overlaps[f], ++seen;
      precision += (seen > 0 ? sum / seen : 1) / count;
      recall += sum / static_cast<double>(run.visible) / count;
    }
    score.precision_curve.push_back(precision);
    score.recall_curve.push_back(recall);
    const double f = precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0;
    if (score.precision_curve.size() > 1 && f <= score.f) continue;
    score.precision = precision;
    score.recall = recall;
    score.f = f;
    score.threshold = threshold;
  }
  return score;
}

}  // namespace pursuit::inline v0
