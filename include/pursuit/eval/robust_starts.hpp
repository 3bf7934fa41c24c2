// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/box.hpp>
#include <pursuit/data/annotation.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace pursuit::inline v0 {

/// The frames (from 0) from which temporal robustness evaluation (TRE) starts: 20, spread evenly over the frames that
/// have a target and at least 20 frames from them to the end. Frames repeat where there are
/// few; none where there are none. `omit` are frames (from 0) that the data set wants left out.
/// Ref: Wu et al. 2013; the rule is that of the benchmark's public code.
inline std::vector<std::size_t> temporal_starts(std::span<const Box> truth, std::span<const std::size_t> omit = {}) {
  constexpr std::size_t starts = 20, shortest = 20;
  std::vector<std::size_t> possible;
  for (std::size_t f = 0; f + shortest <= truth.size(); ++f) {
    bool left_out = !is_valid(truth[f]);
    for (const std::size_t o : omit) left_out = left_out || o == f;
    if (!left_out) possible.push_back(f);
  }
  std::vector<std::size_t> chosen;
  if (possible.empty()) return chosen;
  const auto count = possible.size();
  for (std::size_t k = 0; k + 1 < starts; ++k) chosen.push_back(possible[k * count / (starts - 1)]);
  chosen.push_back(possible.back());
  return chosen;
}

/// The first boxes of spatial robustness evaluation (SRE): shifted left, right, up, down by about a tenth; grown at one
/// corner (upper left, upper right, lower left, lower right); scaled by 0.8, 0.9, 1.1, 1.2. All cut to the frame of
/// width x height pixels. (The benchmark's Python code makes the one that goes down wider instead: a slip.)
/// Ref: Wu et al. 2013.
inline std::array<Box, 12> spatial_starts(const Box& truth, int width, int height) {
  // The rule counts pixels from 1 and in whole numbers where it rounds, so it is done there.
  const Box b{truth.x + 1, truth.y + 1, truth.w, truth.h};
  const double right = b.x + b.w - 1, bottom = b.y + b.h - 1;
  const double dx = std::round(0.1 * b.w + 0.5), dy = std::round(0.1 * b.h + 0.5);
  const double left_out = std::round(b.x - 0.1 * b.w), right_out = std::round(right + 0.1 * b.w);
  const double top_out = std::round(b.y - 0.1 * b.h), bottom_out = std::round(bottom + 0.1 * b.h);
  const auto span = [](double x0, double y0, double x1, double y1) { return Box{x0, y0, x1 - x0 + 1, y1 - y0 + 1}; };
  const auto scaled = [&](double s) {
    const double w = s * b.w, h = s * b.h;
    return Box{std::round(b.x + b.w / 2 - w / 2), std::round(b.y + b.h / 2 - h / 2), std::round(w), std::round(h)};
  };
  std::array<Box, 12> boxes{Box{b.x - dx, b.y, b.w, b.h},
                            Box{b.x + dx, b.y, b.w, b.h},
                            Box{b.x, b.y - dy, b.w, b.h},
                            Box{b.x, b.y + dy, b.w, b.h},
                            span(left_out, top_out, right, bottom),
                            span(b.x, top_out, right_out, bottom),
                            span(left_out, b.y, right, bottom_out),
                            span(b.x, b.y, right_out, bottom_out),
                            scaled(0.8),
                            scaled(0.9),
                            scaled(1.1),
                            scaled(1.2)};
  for (Box& r : boxes) {
    r.x = std::max(r.x, 1.0);
    r.y = std::max(r.y, 1.0);
    r.w = std::min(r.w, width - r.x + 1);
    r.h = std::min(r.h, height - r.y + 1);
    r.x -= 1;
    r.y -= 1;
  }
  return boxes;
}

}  // namespace pursuit::inline v0
