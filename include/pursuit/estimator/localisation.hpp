// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>
#include <pursuit/core/features.hpp>
#include <pursuit/core/track.hpp>
#include <pursuit/kernels/peak.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace pursuit::inline v0 {

/// Where the target is by a response map whose values mean something by themselves (1 on the target, 0 elsewhere), and
/// how much a second peak speaks against it.
///
///     max1 at d1     the highest cell of all crops' maps, and its displacement
///     max2 at d2     the highest after a window of `neighbourhood` times the target's size around it was set to 0
///     D              reach * sqrt(height width) / 2
///
///     max1 < not_found_below                                  not_found
///     max2 > distractor max1,  |d2| > D > |d1|                hard_negative at d1
///     max2 > distractor max1,  |d1| > D > |d2|                hard_negative at d2
///     max2 > distractor max1,  else                           uncertain at d1
///     max2 > hard_negative max1 and max2 > not_found_below    hard_negative at d1
///     else                                                    normal at d1
///
/// Score   max1, cut to [0, 1]: how well the classifier answers where it wants to answer 1.
/// Status  `lost` of not_found, `uncertain` of uncertain, else `tracking`.
/// Ref     Danelljan et al. 2019 (ATOM); Bhat et al. 2019 (DiMP); visionml/pytracking (`localize_advanced`).
class Localisation {
 public:
  struct Options {
    double not_found_below = 0.25;  ///< peak
    double distractor = 0.8;        ///< second peak, as a share of the first
    double hard_negative = 0.5;     ///< second peak, as a share of the first
    double neighbourhood = 2.2;     ///< target sizes around the peak that belong to it
    double reach = 0.8;             ///< half maps: a peak further off than this is not expected
    double outside = 0.3;           ///< target sizes that the target's centre may lie outside of the frame
  };

  enum class State { normal, hard_negative, uncertain, not_found };

  struct Answer {
    Point displacement{};  ///< from the middle of the crop, pixels of the patch
    double peak = 0;
    double second = 0;
    std::size_t scale = 0;  ///< the crop whose map has the peak
    State state = State::not_found;
  };

  Localisation() = default;
  /// Throws Error where an option is not a number, or neighbourhood, reach or outside are below 0.
  explicit Localisation(const Options& options) : options_(options) {
    for (const double v : {options.not_found_below, options.distractor, options.hard_negative})
      if (std::isnan(v)) throw Error("Localisation: a threshold is not a number");
    for (const double v : {options.neighbourhood, options.reach, options.outside})
      if (!(v >= 0)) throw Error(concat("Localisation: ", v, " target sizes or half maps: need at least 0"));
  }

  const Options& options() const { return options_; }

  /// `target` is the box before, of which only the size counts, in pixels of the frame. Cells that are not numbers are
  /// passed over; where no cell is one, the answer is not_found.
  Answer find(const ResponseMap<>& response, const Box& target) const {
    Answer answer;
    kernels::Peak top{};
    for (Index s = 0; s < response.values.shape[0]; ++s) {
      const kernels::Peak here = kernels::find_peak(response.values[s]);
      if (here.value > top.value) top = here, answer.scale = static_cast<std::size_t>(s);
    }
    const Grid grid{response.values[static_cast<Index>(answer.scale)],
                    response.origin == ResponseMap<>::Origin::corner};
    if (!std::isfinite(top.value)) return answer;
    answer.peak = static_cast<double>(top.value);
    const Point d1 = grid.displacement(top.row, top.col);
    answer.displacement = {d1.x * response.stride, d1.y * response.stride};
    if (answer.peak < options_.not_found_below) return answer;

    const Crop& crop = response.crops[answer.scale];
    const double cell_x = crop.unit_x * response.stride, cell_y = crop.unit_y * response.stride;
    const kernels::Peak second =
        grid.second(top, options_.neighbourhood * target.w / cell_x, options_.neighbourhood * target.h / cell_y);
    answer.second = static_cast<double>(second.value);
    const Point d2 = grid.displacement(second.row, second.col);
    answer.state = State::normal;
    if (answer.second > options_.distractor * answer.peak) {
      const double far = options_.reach * std::sqrt(static_cast<double>(grid.map.size())) / 2;
      const double r1 = std::hypot(d1.x, d1.y), r2 = std::hypot(d2.x, d2.y);
      answer.state = (r2 > far && r1 < far) || (r2 < far && r1 > far) ? State::hard_negative : State::uncertain;
      if (r2 < far && r1 > far) answer.displacement = {d2.x * response.stride, d2.y * response.stride};
    } else if (answer.second > options_.hard_negative * answer.peak && answer.second > options_.not_found_below) {
      answer.state = State::hard_negative;
    }
    return answer;
  }

  /// The box before, moved to the peak and kept near the frame, with score, status and crop. A target that was not
  /// found stays where it was.
  TargetState locate(const ResponseMap<>& response, const TargetState& previous) const {
    return locate(find(response, previous.track.box), response, previous);
  }
  TargetState locate(const Answer& answer, const ResponseMap<>& response, const TargetState& previous) const {
    TargetState next = previous;
    next.scale = answer.scale;
    next.track.score = std::clamp(answer.peak, 0.0, 1.0);
    next.track.status = answer.state == State::not_found   ? TrackStatus::lost
                        : answer.state == State::uncertain ? TrackStatus::uncertain
                                                           : TrackStatus::tracking;
    next.hard_negative = answer.state == State::hard_negative;
    if (answer.state == State::not_found) return next;
    const Crop& crop = response.crops[answer.scale];
    const Point middle = middle_of(crop);
    Box& box = next.track.box;
    const auto moved = [&](double from, double d, double unit, double size, double frame) {
      const double margin = options_.outside * size;  // pixel centres
      return std::max(std::min(from + d * unit, frame + margin), -margin) - (size - 1) / 2;
    };
    box.x = moved(middle.x, answer.displacement.x, crop.unit_x, box.w, response.frame_width);
    box.y = moved(middle.y, answer.displacement.y, crop.unit_y, box.h, response.frame_height);
    return next;
  }

 private:
  /// A map and where its cell of no displacement is. "Centred" cells are counted with that one in the middle.
  struct Grid {
    TensorView<const float, 2> map;
    bool wraps;

    Index centred(Index cell, Index cells) const { return wraps ? (cell + cells / 2) % cells : cell; }
    double offset(Index cell, Index cells) const {
      return wraps ? static_cast<double>(centred(cell, cells) - cells / 2)
                   : static_cast<double>(cell) - static_cast<double>(cells - 1) / 2;
    }
    Point displacement(Index row, Index col) const { return {offset(col, map.shape[1]), offset(row, map.shape[0])}; }

    /// Centred cells [first, last) of an axis.
    struct Range {
      Index first, last;
    };
    static Range around(Index peak, double size, Index cells) {
      const auto at = static_cast<double>(peak);
      const auto cut = [&](double v) { return static_cast<Index>(std::clamp(v, 0.0, static_cast<double>(cells))); };
      return {cut(std::nearbyint(at - size / 2)), cut(std::nearbyint(at + size / 2 + 1))};
    }

    /// The highest cell when w x h cells around the first peak are 0.
    kernels::Peak second(const kernels::Peak& first, double w, double h) const {
      const Index height = map.shape[0], width = map.shape[1], shift = wraps ? (width + 1) / 2 : 0;
      const Range rows = around(centred(first.row, height), h, height),
                  columns = around(centred(first.col, width), w, width);
      // Outside of the window a row's centred cells are [0, first) and [last, width), each of which wraps around once.
      std::array<Range, 4> parts{};
      std::size_t count = 0;
      for (const Range& centred_part : {Range{0, columns.first}, Range{columns.last, width}}) {
        const Index a = centred_part.first + shift, b = centred_part.last + shift;
        if (a < std::min(b, width)) parts[count++] = {a, std::min(b, width)};
        if (std::max(a, width) < b) parts[count++] = {std::max(a, width) - width, b - width};
      }
      kernels::Peak best{};
      for (Index i = 0; i < height; ++i) {
        const Index c = centred(i, height);
        const bool crosses = c >= rows.first && c < rows.last;
        const auto look = [&](const Range& part) {
          const float* const cells = map.data + i * width + part.first;
          const Index n = part.last - part.first;
          float top = best.value;
#pragma omp simd reduction(max : top)
          for (Index j = 0; j < n; ++j) top = cells[j] > top ? cells[j] : top;
          if (top > best.value) best = {i, part.first + (std::find(cells, cells + n, top) - cells), top};
        };
        if (crosses)
          for (std::size_t k = 0; k < count; ++k) look(parts[k]);
        else
          look({0, width});
      }
      const bool blank = rows.first < rows.last && columns.first < columns.last;
      if (blank && !(best.value >= 0))
        best = {wraps ? (rows.first + (height + 1) / 2) % height : rows.first, (columns.first + shift) % width, 0.0F};
      return best;
    }
  };

  Options options_{};
};

}  // namespace pursuit::inline v0
