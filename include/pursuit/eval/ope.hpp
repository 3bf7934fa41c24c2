// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/box.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/eval/frame_errors.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

namespace pursuit::inline v0 {

/// How well one run of a tracker follows one sequence (one-pass evaluation), or several runs (mean_of(), pooled()).
struct OpeScore {
  std::array<double, 21> success{};     ///< share of frames with IoU > t, t = 0, 0.05, ..., 1
  std::array<double, 51> precision{};   ///< share of frames with centre error <= t pixels, t = 0 ... 50
  std::array<double, 51> normalized{};  ///< share of frames with centre error / truth's size <= t, t = 0, 0.01 ... 0.5
  std::array<double, 101> fine{};       ///< the success curve at 101 thresholds, t = 0, 0.01, ..., 1
  double mean_iou = 0;
  std::size_t frames = 0;  ///< that were compared

  /// Mean of the success curve. Perfect boxes give 20/21: no IoU is above 1.
  double auc() const { return mean(success); }
  /// The same over 101 thresholds; up to 0.005 away from auc().
  double auc101() const { return mean(fine); }
  /// Share of frames with IoU > 0.5.
  double success_rate() const { return success[10]; }
  double precision20() const { return precision[20]; }
  /// "Normalised precision" as the got10k toolkit and TrackingNet print it: the mean of the curve.
  double normalized_auc() const { return mean(normalized); }
  /// "Normalised precision" as pysot and pytracking print it: the curve at 0.2.
  double normalized20() const { return normalized[20]; }

 private:
  template <std::size_t N>
  static double mean(const std::array<double, N>& curve) {
    return std::accumulate(curve.begin(), curve.end(), 0.0) / N;
  }
};

struct OpeOptions {
  Convention convention = Convention::got10k;
  /// 1 where the target is out of view or wholly hidden, a number for each frame; empty where nobody says so. The
  /// convention says what becomes of such frames.
  std::span<const std::uint8_t> absent{};
};

namespace detail {

/// Sums become means.
inline void divide(OpeScore& sums, double count) {
  const auto curve = [&](auto& values) {
    for (double& v : values) v /= count;
  };
  curve(sums.success);
  curve(sums.fine);
  curve(sums.precision);
  curve(sums.normalized);
  sums.mean_iou /= count;
}

}  // namespace detail

/// Compares a run with the truth. In the default convention the first frame, which the tracker was given, counts as
/// right; the longer list is cut to the shorter; a frame whose truth has no positive size or is not a number counts as
/// a miss, never as a hit. Throws Error where either list is empty, and where lengths differ and the convention
/// (pysot) wants them equal. Ref: Wu et al. 2015 (OTB).
inline OpeScore score_ope(std::span<const Box> predicted, std::span<const Box> truth, const OpeOptions& options = {}) {
  const std::vector<FrameError> errors = frame_errors(predicted, truth, options.convention, options.absent);
  OpeScore score;
  score.frames = errors.size();
  // The thresholds are the products that the toolkits compute, so that an IoU equal to one falls on the same side.
  const auto above = [](auto& curve, double value, double step) {
    for (std::size_t t = 0; t < curve.size(); ++t) curve[t] += value > static_cast<double>(t) * step;
  };
  const auto within = [](auto& curve, double value, double scale) {
    for (std::size_t t = 0; t < curve.size(); ++t) curve[t] += value <= static_cast<double>(t) / scale;
  };
  for (const FrameError& e : errors) {
    above(score.success, e.overlap, 0.05);
    above(score.fine, e.overlap, 0.01);
    within(score.precision, e.center, 1);
    within(score.normalized, e.normalized, 100);
    score.mean_iou += std::max(e.overlap, 0.0);
  }
  detail::divide(score, static_cast<double>(score.frames));
  return score;
}

namespace detail {

template <class Weight>
OpeScore weighted(std::span<const OpeScore> scores, Weight weight) {
  OpeScore all;
  double total = 0;
  for (const OpeScore& s : scores) {
    const double w = weight(s);
    const auto add = [&](auto& sums, const auto& curve) {
      for (std::size_t t = 0; t < curve.size(); ++t) sums[t] += w * curve[t];
    };
    add(all.success, s.success);
    add(all.fine, s.fine);
    add(all.precision, s.precision);
    add(all.normalized, s.normalized);
    all.mean_iou += w * s.mean_iou;
    all.frames += s.frames;
    total += w;
  }
  if (total > 0) divide(all, total);
  return all;
}

}  // namespace detail

/// The score of a data set: the mean over its sequences, short ones counting as much as long ones.
inline OpeScore mean_of(std::span<const OpeScore> sequences) {
  return detail::weighted(sequences, [](const OpeScore&) { return 1.0; });
}

/// The score of several runs on one sequence, as if they were one long run (TRE, SRE).
inline OpeScore pooled(std::span<const OpeScore> runs) {
  return detail::weighted(runs, [](const OpeScore& s) { return static_cast<double>(s.frames); });
}

}  // namespace pursuit::inline v0
