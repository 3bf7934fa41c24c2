// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/box.hpp>
#include <pursuit/io/number_table.hpp>
#include <pursuit/io/results.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pursuit::inline v0 {

/// The box of a frame that says nothing about the target.
inline constexpr Box no_box{std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::quiet_NaN(),
                            std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::quiet_NaN()};

/// Whether a frame's annotation shows the target: finite, with positive size.
inline bool is_valid(const Box& box) { return is_finite(box) && box.w > 0 && box.h > 0; }

/// What annotation says of one frame.
struct Annotation {
  Box box = no_box;            ///< 0-based pixels, as the file has it: may be empty, or reach past the frame's edge
  std::vector<Point> polygon;  ///< 0-based corners where the file has a polygon, else empty
  std::size_t line = 0;        ///< of the file, counted from 1
};

/// The axis-parallel box that stands for a polygon: centre at the mean of the corners, the hull's shape, the area of
/// the rotated rectangle (|p1 p2| |p2 p3|). The rule of the VOT toolkits. NaN coordinates give a box of NaN.
/// Pre: at least 3 corners.
inline Box preserve_area_box(std::span<const Point> corners) {
  Point mean, low = corners[0], high = corners[0];
  for (const Point& p : corners) {
    mean.x += p.x / static_cast<double>(corners.size());
    mean.y += p.y / static_cast<double>(corners.size());
    low = {std::min(low.x, p.x), std::min(low.y, p.y)};
    high = {std::max(high.x, p.x), std::max(high.y, p.y)};
  }
  if (!std::isfinite(mean.x) || !std::isfinite(mean.y)) return no_box;
  const double sides = std::hypot(corners[1].x - corners[0].x, corners[1].y - corners[0].y) *
                       std::hypot(corners[2].x - corners[1].x, corners[2].y - corners[1].y);
  const double hull = (high.x - low.x) * (high.y - low.y);
  if (!(hull > 0)) return {low.x, low.y, 0, 0};
  const double scale = std::sqrt(sides / hull);
  return box_around(mean, scale * (high.x - low.x) + 1, scale * (high.y - low.y) + 1);
}

/// Reads an annotation file: a line a frame, a box `x,y,w,h` or a polygon of three or more corners `x1,y1,x2,y2,...`.
/// A line of one NaN stands for a frame without the target. `name` stands in front of messages.
/// Throws FileError with name and line; an empty line between others is refused, as it would shift all frames after it.
inline std::vector<Annotation> parse_annotation(std::string_view text, const std::string& name, Origin origin) {
  const double shift = origin == Origin::one ? 1 : 0;
  std::vector<Annotation> lines;
  for (const NumberRow& row : parse_numbers(text, name)) {
    const std::vector<double>& v = row.values;
    if (row.line != lines.size() + 1)
      throw FileError(concat(name, ":", lines.size() + 1, ": an empty line: need one line for each frame"));
    Annotation a;
    a.line = row.line;
    if (v.size() == 4) {
      a.box = {v[0] - shift, v[1] - shift, v[2], v[3]};
    } else if (v.size() >= 6 && v.size() % 2 == 0) {
      for (std::size_t i = 0; i < v.size(); i += 2) a.polygon.push_back({v[i] - shift, v[i + 1] - shift});
      a.box = preserve_area_box(a.polygon);
    } else if (!(v.size() == 1 && std::isnan(v[0]))) {
      throw FileError(concat(name, ":", row.line, ": ", v.size(),
                             " numbers: need 4 (x,y,w,h) or the corners of a polygon (6, 8, ...)"));
    }
    lines.push_back(std::move(a));
  }
  return lines;
}

}  // namespace pursuit::inline v0
