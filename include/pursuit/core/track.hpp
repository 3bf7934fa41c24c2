// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/box.hpp>

#include <cstddef>

namespace pursuit::inline v0 {

/// What a tracker thinks of its last answer.
enum class TrackStatus {
  tracking,   ///< the target was found
  uncertain,  ///< a box is given, the evidence for it is weak
  lost,       ///< the target was not found; the box is the last good one or a guess
  bad_frame   ///< the frame could not be read; the box is the last one
};

constexpr const char* to_string(TrackStatus s) {
  switch (s) {
    case TrackStatus::tracking: return "tracking";
    case TrackStatus::uncertain: return "uncertain";
    case TrackStatus::lost: return "lost";
    case TrackStatus::bad_frame: return "bad_frame";
  }
  return "unknown";
}

/// A tracker's answer for one frame.
struct Track {
  Box box{};           ///< pixels of the frame, always finite
  double score = 1.0;  ///< in [0, 1]; its meaning is the estimator's
  TrackStatus status = TrackStatus::tracking;
};

/// What is handed from frame to frame: the answer, and what the next one is measured against.
struct TargetState {
  Track track{};
  Box first{};                 ///< the box that init() was given: size limits refer to it
  std::size_t scale = 0;       ///< which of the frame's crops the box was read from
  int lost_frames = 0;         ///< how many answers in a row, this one included, were `lost`
  bool hard_negative = false;  ///< something else looked like the target: learn from this frame at once, and more
};

}  // namespace pursuit::inline v0
