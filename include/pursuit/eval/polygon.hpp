// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/box.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace pursuit::inline v0 {

/// The area of a polygon without crossings: positive where corners go from the x axis towards the y axis.
inline double signed_area(std::span<const Point> corners) {
  double sum = 0;
  for (std::size_t i = 0; i < corners.size(); ++i) {
    const Point &a = corners[i], &b = corners[(i + 1) % corners.size()];
    sum += a.x * b.y - b.x * a.y;
  }
  return sum / 2;
}

inline std::vector<Point> corners_of(const Box& b) {
  return {{b.x, b.y}, {b.x + b.w, b.y}, {b.x + b.w, b.y + b.h}, {b.x, b.y + b.h}};
}

/// The common part of two convex polygons (Sutherland and Hodgman 1974); empty where there is none. Corners may go
/// either way round.
inline std::vector<Point> intersect_convex(std::span<const Point> subject, std::span<const Point> clip) {
  std::vector<Point> part(subject.begin(), subject.end()), next;
  const double turn = signed_area(clip) < 0 ? -1 : 1;
  for (std::size_t i = 0; i < clip.size() && !part.empty(); ++i) {
    const Point &a = clip[i], &b = clip[(i + 1) % clip.size()];
    const auto inside = [&](const Point& p) { return turn * ((b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x)); };
    next.clear();
    for (std::size_t j = 0; j < part.size(); ++j) {
      const Point &p = part[j], &q = part[(j + 1) % part.size()];
      const double dp = inside(p), dq = inside(q);
      if (dp >= 0) next.push_back(p);
      if ((dp >= 0) != (dq >= 0)) {
        const double s = dp / (dp - dq);
        next.push_back({p.x + s * (q.x - p.x), p.y + s * (q.y - p.y)});
      }
    }
    part.swap(next);
  }
  return part;
}

/// Intersection over union of two convex polygons by their exact areas, in [0, 1]; 0 where both are empty.
/// The VOT toolkit counts pixels instead: see raster_overlap().
inline double polygon_iou(std::span<const Point> a, std::span<const Point> b) {
  const double common = std::abs(signed_area(intersect_convex(a, b)));
  const double all = std::abs(signed_area(a)) + std::abs(signed_area(b)) - common;
  return all > 0 ? std::clamp(common / all, 0.0, 1.0) : 0.0;
}

}  // namespace pursuit::inline v0
