// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/box.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/data/annotation.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace pursuit::inline v0 {

/// Whose reading of the benchmarks is followed where the public toolkits differ.
///
///                     got10k (default)          pysot                         pytracking
///     first frame     counts as right           compared as it is             counts as right
///     no valid truth  a miss                    no success, but within every  no success, outside every distance in
///                                               distance (a hit)              pixels, within every normalised one
///     lengths         cut to the shorter        must agree                    as many as the truth, zeros for missing
///     empty boxes     as they are               as they are                   replaced by the box before
///     absent frames   compared as others are    a miss                        as frames without valid truth, but
///                                                                             outside every distance
///
/// The miss is ours: the got10k toolkit says nothing of frames without a target.
enum class Convention { got10k, pysot, pytracking };

constexpr const char* to_string(Convention c) {
  switch (c) {
    case Convention::got10k: return "got10k";
    case Convention::pysot: return "pysot";
    case Convention::pytracking: return "pytracking";
  }
  return "unknown";
}

/// Distance of the boxes' centres in pixels; infinite where a box is not finite.
inline double center_error(const Box& a, const Box& b) {
  if (!is_finite(a) || !is_finite(b)) return std::numeric_limits<double>::infinity();
  return std::hypot(center(a).x - center(b).x, center(a).y - center(b).y);
}

/// Distance of the boxes' centres in sizes of `truth`, each at least 1 pixel; infinite where a box is not finite.
inline double normalized_center_error(const Box& box, const Box& truth) {
  if (!is_finite(box) || !is_finite(truth)) return std::numeric_limits<double>::infinity();
  return std::hypot((center(box).x - center(truth).x) / std::max(truth.w, 1.0),
                    (center(box).y - center(truth).y) / std::max(truth.h, 1.0));
}

/// How far a box is from the truth. An overlap of -1 is no success at any threshold, a distance of -1 a hit at all.
struct FrameError {
  double overlap = -1;  ///< IoU
  double center = std::numeric_limits<double>::infinity();
  double normalized = std::numeric_limits<double>::infinity();
};

namespace detail {

inline FrameError pysot_error(const Box& box, const Box& truth) {
  FrameError e{-1, -1, -1};
  if (truth.w > 0 && truth.h > 0) e.overlap = iou(box, truth);
  const Point at{box.x + (box.w - 1) / 2, box.y + (box.h - 1) / 2};
  const Point goal{truth.x + (truth.w - 1) / 2, truth.y + (truth.h - 1) / 2};
  // A truth whose centre is left of or above the frame's first pixel has, in pysot, no distance at all.
  if (goal.x > 0 && goal.y > 0) {
    e.center = std::hypot(at.x - goal.x, at.y - goal.y);
    const double w = truth.w + 1e-16, h = truth.h + 1e-16;
    e.normalized = std::hypot(at.x / w - goal.x / w, at.y / h - goal.y / h);
  }
  return e;
}

inline FrameError pytracking_error(const Box& box, const Box& truth, bool absent) {
  constexpr double far = std::numeric_limits<double>::infinity();
  if (absent) return {-1, far, far};
  if (!(truth.x > 0 && truth.y > 0 && truth.w > 0 && truth.h > 0)) return {-1, far, -1};
  return {iou(box, truth), center_error(box, truth),
          std::hypot((center(box).x - center(truth).x) / truth.w, (center(box).y - center(truth).y) / truth.h)};
}

}  // namespace detail

/// The errors of one run, frame by frame. `absent` is empty or has a number for each frame of `truth`.
/// Throws Error where there is nothing to compare, or where the convention does not allow the lengths.
inline std::vector<FrameError> frame_errors(std::span<const Box> predicted, std::span<const Box> truth,
                                            Convention convention = Convention::got10k,
                                            std::span<const std::uint8_t> absent = {}) {
  if (predicted.empty() || truth.empty())
    throw Error(
        concat("frame_errors: ", predicted.size(), " boxes against ", truth.size(), ": need at least one of each"));
  if (!absent.empty() && absent.size() < truth.size())
    throw Error(concat("frame_errors: ", absent.size(), " absence flags for ", truth.size(), " frames"));
  if (convention == Convention::pysot && predicted.size() != truth.size())
    throw Error(concat("frame_errors: ", predicted.size(), " boxes against ", truth.size(),
                       ": the convention of pysot needs as many"));
  const std::size_t frames = convention == Convention::got10k ? std::min(predicted.size(), truth.size()) : truth.size();
  std::vector<FrameError> errors(frames);
  Box last{};
  for (std::size_t f = 0; f < frames; ++f) {
    const bool hidden = !absent.empty() && absent[f] != 0;
    Box box = f < predicted.size() ? predicted[f] : Box{};
    switch (convention) {
      case Convention::got10k:
        if (!is_valid(truth[f])) break;
        if (f == 0) box = truth[0];
        errors[f] = {iou(box, truth[f]), center_error(box, truth[f]), normalized_center_error(box, truth[f])};
        break;
      case Convention::pysot:
        if (!hidden) errors[f] = detail::pysot_error(box, truth[f]);
        break;
      case Convention::pytracking:
        if (f > 0 && f < predicted.size() && (box.w == 0 || box.h == 0) && is_finite(truth[f])) box = last;
        last = box;
        errors[f] = detail::pytracking_error(f == 0 ? truth[0] : box, truth[f], hidden);
        break;
    }
  }
  return errors;
}

}  // namespace pursuit::inline v0
