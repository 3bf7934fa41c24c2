// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>
#include <pursuit/eval/raster_overlap.hpp>
#include <pursuit/io/region.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <variant>
#include <vector>

namespace pursuit::inline v0 {

/// One run of the reset-based VOT experiment on one sequence: a mark or a region a frame, and how far each overlaps
/// the truth (0 for marks).
struct VotRun {
  std::vector<Region> regions;
  std::vector<double> overlaps;

  std::size_t size() const { return regions.size(); }
  bool is(std::size_t frame, VotMark mark) const {
    const auto* m = std::get_if<VotMark>(&regions[frame]);
    return m != nullptr && *m == mark;
  }
  bool tracked(std::size_t frame) const { return !std::holds_alternative<VotMark>(regions[frame]); }
  std::size_t failures() const {
    std::size_t n = 0;
    for (std::size_t f = 0; f < size(); ++f) n += is(f, VotMark::failed);
    return n;
  }
};

/// A run with its overlaps counted in pixels of a frame of width x height. Throws Error where lengths differ.
inline VotRun compare_vot(std::vector<Region> regions, std::span<const Region> truth, int width, int height) {
  if (regions.size() != truth.size())
    throw Error(concat("compare_vot: ", regions.size(), " regions for ", truth.size(), " frames"));
  VotRun run{std::move(regions), std::vector<double>(truth.size())};
  for (std::size_t f = 0; f < truth.size(); ++f)
    if (run.tracked(f)) run.overlaps[f] = raster_overlap(run.regions[f], truth[f], width, height);
  return run;
}

/// Where the VOT toolkit and pysot differ in the same experiment.
///
///                 toolkit (default)                            pysot
///     accuracy    mean of a sequence's runs, then of           mean over all frames, each the mean of its runs
///                 sequences weighted by length
///     EAO parts   from a start to the failure, without it      from a start to the next start, with it
///     EAO range   curve at low ... high frames after a start   curve at low-1 ... high-1
enum class VotConvention { toolkit, pysot };

/// Over which lengths the expected average overlap is averaged; it depends on the year's sequences.
struct VotRange {
  std::size_t low = 100;
  std::size_t high = 356;
};

/// 2016 to 2019. Throws Error for other years.
inline VotRange vot_range(int year) {
  if (year == 2016) return {108, 371};
  if (year == 2017 || year == 2018) return {100, 356};
  if (year == 2019) return {46, 291};
  throw Error(concat("vot_range: ", year, ": the reset-based experiment has ranges for 2016 to 2019"));
}

struct VotOptions {
  VotConvention convention = VotConvention::toolkit;
  VotRange range{};
  std::size_t burn_in = 10;  ///< frames from each start, itself included, that do not count for accuracy
  double sensitivity = 30;   ///< frames over which the reliability of the AR plot is said
  std::size_t restart = 5;   ///< frames from a failure to the next start
};

/// For a sequence: 1 for each frame that is judged, 0 for the others.
using VotFlags = std::vector<std::uint8_t>;

struct VotScore {
  double accuracy = 0;            ///< A: mean overlap while tracking; 0 where no frame counts
  double failures = 0;            ///< mean a sequence, weighted by length (the toolkit's R)
  double robustness = 0;          ///< failures in 100 frames (pysot's R, the one of published tables)
  double reliability = 0;         ///< exp(-sensitivity * failures / length): the x axis of the AR plot
  double eao = 0;                 ///< expected average overlap; 0 where no part is as long as the range's low end
  std::vector<double> eao_curve;  ///< by frames after a start; entry 0 has no meaning
  std::size_t frames = 0;         ///< of all sequences that are judged
};

namespace detail {

/// A stretch between a start and a failure or the end. overlap[0] is the start itself and does not count.
struct VotPart {
  std::vector<double> overlap;
  bool failed = false;
  double weight = 1;
};

/// A part weighs as much as the share of its frames that are judged. Parts that weigh nothing are kept: their length
/// still bounds the curve.
inline void split_run(const VotRun& run, const VotOptions& options, std::span<const std::uint8_t> flags, double weight,
                      std::vector<VotPart>& parts) {
  const auto share = [&](std::size_t from, std::size_t to, std::size_t length) {
    if (flags.empty()) return weight;
    const auto judged = std::count(flags.begin() + static_cast<std::ptrdiff_t>(from),
                                   flags.begin() + static_cast<std::ptrdiff_t>(to), 1);
    return length > 0 ? weight * static_cast<double>(judged) / static_cast<double>(length) : 0;
  };
  const auto at = [&](std::size_t f) { return run.overlaps.begin() + static_cast<std::ptrdiff_t>(f); };
  const bool pysot = options.convention == VotConvention::pysot;
  std::size_t start = 0;
  bool running = true;
  for (std::size_t f = 0; f < run.size(); ++f) {
    if (!pysot && run.is(f, VotMark::initialized) && !running) start = f, running = true;
    if (!run.is(f, VotMark::failed)) continue;
    if (!pysot) {
      parts.push_back({{at(start), at(f)}, true, share(start, f, f - start)});
      running = false;
      continue;
    }
    // In pysot a failure so late that nothing starts after it ends no part.
    const std::size_t next = f + options.restart;
    if (next > run.size()) continue;
    const std::size_t end = std::min(next + 1, run.size());
    parts.push_back({{at(start), at(end)}, true, share(start, end, next + 1 - start)});
    start = next;
  }
  if (running && start < run.size())
    parts.push_back({{at(start), at(run.size())}, false, share(start, run.size(), run.size() - start)});
}

inline std::vector<double> expected_overlap(std::span<const VotPart> parts, std::size_t length) {
  std::vector<double> sums(length), weights(length);
  for (const VotPart& part : parts) {
    double sum = 0;
    const std::size_t end = part.failed ? length : part.overlap.size();
    for (std::size_t i = 1; i < end; ++i) {
      if (i < part.overlap.size()) sum += part.overlap[i];
      sums[i] += part.weight * sum / static_cast<double>(i);
      weights[i] += part.weight;
    }
  }
  for (std::size_t i = 0; i < length; ++i) sums[i] = weights[i] > 0 ? sums[i] / weights[i] : 0;
  return sums;
}

/// Frames that count for accuracy: judged, tracked, and past the burn-in of the last start.
inline std::vector<bool> counted_frames(const VotRun& run, std::size_t burn_in,
                                        std::span<const std::uint8_t> flags = {}) {
  std::vector<bool> counts(run.size());
  std::size_t skip = 0;
  for (std::size_t f = 0; f < run.size(); ++f) {
    if (run.is(f, VotMark::initialized)) skip = burn_in;
    counts[f] = skip == 0 && run.tracked(f) && (flags.empty() || flags[f] != 0);
    if (skip > 0) --skip;
  }
  return counts;
}

inline double mean_or_zero(double sum, double n) { return n > 0 ? sum / n : 0; }

}  // namespace detail

/// Mean overlap of one run while it tracked, in all frames or in those that `flags` names; 0 where no frame counts.
inline double vot_accuracy(const VotRun& run, std::size_t burn_in = 10, std::span<const std::uint8_t> flags = {}) {
  const std::vector<bool> counts = detail::counted_frames(run, burn_in, flags);
  double sum = 0, n = 0;
  for (std::size_t f = 0; f < run.size(); ++f)
    if (counts[f]) sum += run.overlaps[f], ++n;
  return detail::mean_or_zero(sum, n);
}

/// Accuracy, robustness and expected average overlap of a tracker: for each sequence one or more runs of equal length.
///
/// `flags` is empty, or names for each sequence the frames that carry a tag (occlusion, ...), and then only those are
/// judged: overlaps and failures in them, the length of a sequence being their number, and for the expected overlap
/// each part by the share of them in it. The toolkit has no such numbers for this experiment; the last rule is pysot's.
/// Throws Error where there are no runs, and where flags and runs do not fit. Ref: Kristan et al. 2016, "A Novel
/// Performance Evaluation Methodology for Single-Target Trackers"; Kristan et al. 2015 (EAO).
inline VotScore score_vot(std::span<const std::vector<VotRun>> sequences, const VotOptions& options = {},
                          std::span<const VotFlags> flags = {}) {
  if (!flags.empty() && flags.size() != sequences.size())
    throw Error(concat("score_vot: flags of ", flags.size(), " sequences for ", sequences.size()));
  const bool pysot = options.convention == VotConvention::pysot;
  VotScore score;
  std::vector<detail::VotPart> parts;
  double frames = 0, with_frames = 0, accuracy = 0, weight = 0, lost = 0;
  std::size_t longest = 0;
  for (std::size_t s = 0; s < sequences.size(); ++s) {
    const std::vector<VotRun>& runs = sequences[s];
    const std::span<const std::uint8_t> judged = flags.empty() ? std::span<const std::uint8_t>() : flags[s];
    if (runs.empty() || runs[0].size() == 0) throw Error("score_vot: a sequence without a run: need one or more");
    const std::size_t length = runs[0].size();
    if (!flags.empty() && judged.size() != length)
      throw Error(concat("score_vot: ", judged.size(), " flags for a sequence of ", length, " frames"));
    const auto count = static_cast<double>(runs.size());
    double failures = 0, mean_accuracy = 0;
    std::vector<double> sums(length), counted(length);
    for (const VotRun& run : runs) {
      if (run.size() != length) throw Error("score_vot: runs of different lengths on one sequence");
      for (std::size_t f = 0; f < length; ++f)
        if (run.is(f, VotMark::failed) && (judged.empty() || judged[f] != 0)) failures += 1 / count;
      mean_accuracy += vot_accuracy(run, options.burn_in, judged) / count;
      const std::vector<bool> counts = detail::counted_frames(run, options.burn_in, judged);
      for (std::size_t f = 0; f < length; ++f)
        if (counts[f]) sums[f] += run.overlaps[f], ++counted[f];
      detail::split_run(run, options, judged, pysot ? 1 / count : 1, parts);
    }
    const auto size =
        judged.empty() ? static_cast<double>(length) : static_cast<double>(std::count(judged.begin(), judged.end(), 1));
    if (pysot) {
      for (std::size_t f = 0; f < length; ++f)
        if (counted[f] > 0) accuracy += sums[f] / counted[f], ++weight;
    } else {
      accuracy += mean_accuracy * size;
      weight += size;
    }
    score.failures += failures * size;
    lost += failures;
    frames += size;
    with_frames += size > 0;
    longest = std::max(longest, length);
  }
  if (sequences.empty()) throw Error("score_vot: no sequences: need one or more");
  score.frames = static_cast<std::size_t>(frames);
  if (score.frames == 0) return score;
  const double mean_length = frames / with_frames;
  score.accuracy = detail::mean_or_zero(accuracy, weight);
  score.failures /= frames;
  score.robustness = 100 * lost / frames;
  score.reliability = std::exp(-options.sensitivity * score.failures / mean_length);

  if (!pysot) {  // the toolkit's curve ends with the longest part, and the range with the curve
    longest = 0;
    for (const detail::VotPart& part : parts) longest = std::max(longest, part.overlap.size());
  }
  score.eao_curve = detail::expected_overlap(parts, longest);
  const std::size_t shift = pysot ? 1 : 0;
  double sum = 0, n = 0;
  for (std::size_t i = options.range.low - shift; i <= options.range.high - shift && i < longest; ++i)
    sum += score.eao_curve[i], ++n;
  score.eao = detail::mean_or_zero(sum, n);
  return score;
}

}  // namespace pursuit::inline v0
