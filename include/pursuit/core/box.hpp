// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/version.hpp>

#include <algorithm>
#include <cmath>

namespace pursuit::inline v0 {

/// A point or a displacement, in pixels.
struct Point {
  double x{};
  double y{};
  friend bool operator==(const Point&, const Point&) = default;
};

/// An axis-parallel box in pixels of a frame: upper-left corner and size, 0-based.
/// A box of w x h pixels whose first pixel is (x, y) covers the continuous area [x, x+w) x [y, y+h).
struct Box {
  double x{};
  double y{};
  double w{};
  double h{};
  friend bool operator==(const Box&, const Box&) = default;
};

inline bool is_finite(const Box& b) {
  return std::isfinite(b.x) && std::isfinite(b.y) && std::isfinite(b.w) && std::isfinite(b.h);
}

/// Area in square pixels; 0 for a box without positive size.
inline double area(const Box& b) { return b.w > 0 && b.h > 0 ? b.w * b.h : 0.0; }

/// The centre of the covered area, x + w/2. (Trackers that count in pixel centres use x + (w-1)/2.)
inline Point center(const Box& b) { return {b.x + b.w / 2, b.y + b.h / 2}; }

/// The box of the given size whose covered area has its centre at `c`.
inline Box box_around(Point c, double w, double h) { return {c.x - w / 2, c.y - h / 2, w, h}; }

/// The common part; a box of size 0 x 0 where there is none.
inline Box intersect(const Box& a, const Box& b) {
  const double x0 = std::max(a.x, b.x), x1 = std::min(a.x + a.w, b.x + b.w);
  const double y0 = std::max(a.y, b.y), y1 = std::min(a.y + a.h, b.y + b.h);
  if (!(x1 > x0) || !(y1 > y0)) return {};
  return {x0, y0, x1 - x0, y1 - y0};
}

/// Intersection over union of the covered areas, in [0, 1]; 0 where a box is empty or not finite.
inline double iou(const Box& a, const Box& b) {
  if (!is_finite(a) || !is_finite(b)) return 0.0;
  const double common = area(intersect(a, b));
  const double all = area(a) + area(b) - common;
  return all > 0 ? std::min(common / all, 1.0) : 0.0;  // rounding can lift equal boxes above 1
}

}  // namespace pursuit::inline v0
