// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/box.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/io/number_table.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace pursuit::inline v0 {

/// What stands in a VOT result file where there is no region.
enum class VotMark {
  unknown = 0,      ///< between a failure and the next start
  initialized = 1,  ///< the tracker was given the truth
  failed = 2        ///< the tracker's region did not overlap the truth
};

/// A region in the exchange format of VOT: a mark, a box, or the corners of a polygon; 0-based pixels.
using Region = std::variant<VotMark, Box, std::vector<Point>>;

namespace detail {

/// The box around what is set in a mask "mX,Y,W,H,n0,n1,...": run lengths row by row, the first of zeros.
inline Box box_of_mask(const std::vector<double>& v) {
  const double x = v[0], y = v[1], w = v[2];
  double at = 0, left = w, right = -1, top = -1, bottom = -1;
  for (std::size_t i = 4; i < v.size(); ++i) {
    if (i % 2 == 1 && v[i] > 0) {
      const double last = at + v[i] - 1, row = std::floor(at / w), end = std::floor(last / w);
      if (top < 0) top = row;
      bottom = end;
      left = end > row ? 0 : std::min(left, at - row * w);
      right = end > row ? w - 1 : std::max(right, last - end * w);
    }
    at += v[i];
  }
  if (top < 0) return {x, y, 0, 0};
  return {x + left, y + top, right - left + 1, bottom - top + 1};
}

}  // namespace detail

/// Reads a region: one whole number (a mark), `x,y,w,h`, `x1,y1,x2,y2,x3,y3,...`, or a mask `mX,Y,W,H,...` (also
/// `mask:X,...`), of which the box around it is taken. Empty where it is none of them or holds what is not a number.
inline std::optional<Region> parse_region(std::string_view text) {
  while (!text.empty() && (text.back() == '\r' || text.back() == ' ' || text.back() == '\n')) text.remove_suffix(1);
  const bool prefixed = text.starts_with("mask:"), mask = prefixed || text.starts_with('m');
  if (mask) text.remove_prefix(prefixed ? 5 : 1);
  std::vector<double> v;
  try {
    const auto rows = parse_numbers(text, "region", std::size_t{1} << 20);
    if (rows.size() != 1) return {};
    v = rows[0].values;
  } catch (const FileError&) {
    return {};
  }
  if (std::any_of(v.begin(), v.end(), [](double n) { return !std::isfinite(n); })) return {};
  if (mask) {
    if (v.size() < 4 || !(v[2] >= 1) || std::any_of(v.begin() + 4, v.end(), [](double n) { return n < 0; })) return {};
    return detail::box_of_mask(v);
  }
  if (v.size() == 1 && (v[0] == 0 || v[0] == 1 || v[0] == 2)) return static_cast<VotMark>(static_cast<int>(v[0]));
  if (v.size() == 4) return Box{v[0], v[1], v[2], v[3]};
  if (v.size() < 6 || v.size() % 2 != 0) return {};
  std::vector<Point> corners;
  for (std::size_t i = 0; i < v.size(); i += 2) corners.push_back({v[i], v[i + 1]});
  return corners;
}

/// The region as VOT and TraX write it, numbers with four decimals.
inline std::string to_text(const Region& region) {
  std::string out;
  const auto put = [&](double v) {
    if (!out.empty()) out += ',';
    put_number(out, v, 4);
  };
  if (const auto* mark = std::get_if<VotMark>(&region)) return std::to_string(static_cast<int>(*mark));
  if (const auto* box = std::get_if<Box>(&region)) {
    for (const double v : {box->x, box->y, box->w, box->h}) put(v);
  } else {
    for (const Point& p : std::get<std::vector<Point>>(region)) put(p.x), put(p.y);
  }
  return out;
}

}  // namespace pursuit::inline v0
