// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/box.hpp>
#include <pursuit/core/tensor_view.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace pursuit::inline v0::kernels {

/// The highest cell of a map.
struct Peak {
  Index row = 0;
  Index col = 0;
  float value = -std::numeric_limits<float>::infinity();
  friend bool operator==(const Peak&, const Peak&) = default;
};

/// The highest cell, the first of equals in reading order. Cells that are not a number are passed over; where no
/// cell is a number the answer is Peak{}.
///
/// Shapes  map (H, W).
inline Peak find_peak(const TensorView<const float, 2>& map) {
  const float* const v = map.data;
  const Index n = map.size();
  float top = -std::numeric_limits<float>::infinity();
#pragma omp simd reduction(max : top)
  for (Index i = 0; i < n; ++i) top = v[i] > top ? v[i] : top;
  for (Index i = 0; i < n; ++i)
    if (v[i] == top) return {i / map.shape[1], i % map.shape[1], top};
  return {};
}

namespace detail {

/// Where the parabola through (-1, left), (0, middle), (1, right) has its top; 0 where it has none.
inline double parabola_top(double left, double middle, double right) {
  const double bend = left - 2 * middle + right;
  if (!(bend < 0)) return 0;
  const double top = 0.5 * (left - right) / bend;
  return std::isfinite(top) ? std::clamp(top, -0.5, 0.5) : 0;
}

}  // namespace detail

/// How far the true maximum lies from the middle of the peak's cell: the top of a parabola through the three
/// cells of each axis, in cells, at most half a cell each way. It is 0 on an axis where the map is flat, where it has
/// one cell, and at the border of a map that does not wrap around.
inline Point refine_peak(const TensorView<const float, 2>& map, const Peak& peak, bool wrapped) {
  const auto along = [&](Index at, Index n, auto value) {
    if (n < 2 || (!wrapped && (at == 0 || at == n - 1))) return 0.0;
    return detail::parabola_top(value((at + n - 1) % n), value(at), value((at + 1) % n));
  };
  return {along(peak.col, map.shape[1], [&](Index j) { return map(peak.row, j); }),
          along(peak.row, map.shape[0], [&](Index i) { return map(i, peak.col); })};
}

/// How far the peak stands above the rest of the map, in standard deviations of that rest: the cells more than
/// `exclude` cells away from the peak along an axis. A sharp single peak has 20 or more, noise about 5.
///
/// At most 1e6, at least 0; 0 where nothing is left of the map or a cell is not finite.
/// Ref     Bolme et al. 2010, "Visual Object Tracking using Adaptive Correlation Filters", section 3.5.
inline double peak_to_sidelobe(const TensorView<const float, 2>& map, const Peak& peak, bool wrapped,
                               Index exclude = 5) {
  const Index height = map.shape[0], width = map.shape[1];
  const auto near_peak = [&](Index at, Index centre, Index n) {
    const Index d = std::abs(at - centre);
    return (wrapped ? std::min(d, n - d) : d) <= exclude;
  };
  // Differences to the peak keep the digits that the squares would lose.
  double sum = 0, squares = 0;
  Index count = 0;
  for (Index i = 0; i < height; ++i) {
    const bool row_near = near_peak(i, peak.row, height);
    for (Index j = 0; j < width; ++j) {
      if (row_near && near_peak(j, peak.col, width)) continue;
      const double d = static_cast<double>(peak.value) - static_cast<double>(map(i, j));
      sum += d;
      squares += d * d;
      ++count;
    }
  }
  if (count == 0 || !std::isfinite(squares)) return 0;
  const double mean = sum / static_cast<double>(count);
  if (!(mean > 0)) return 0;
  const double variance = std::max(0.0, squares / static_cast<double>(count) - mean * mean);
  return std::min(mean / std::sqrt(std::max(variance, std::numeric_limits<double>::min())), 1e6);
}

}  // namespace pursuit::inline v0::kernels
