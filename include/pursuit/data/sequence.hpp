// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/data/annotation.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace pursuit::inline v0 {

/// How a sequence lies on disk.
enum class Layout { frames, otb, vot, got10k, lasot, davis };

constexpr const char* to_string(Layout layout) {
  switch (layout) {
    case Layout::frames: return "frames";
    case Layout::otb: return "otb";
    case Layout::vot: return "vot";
    case Layout::got10k: return "got10k";
    case Layout::lasot: return "lasot";
    case Layout::davis: return "davis";
  }
  return "unknown";
}

/// What VOT says of each frame of a sequence.
struct FrameTag {
  std::string name;                 ///< camera_motion, illum_change, occlusion, size_change, motion_change, ...
  std::vector<std::uint8_t> flags;  ///< 1 where it holds
};

/// A video as files: its frames in order and what people wrote about them. Nothing is decoded yet.
///
/// `boxes`, `polygons`, `absent`, `cover` and `tags` are empty where the data set has no such thing; otherwise they
/// have one entry a frame.
struct Sequence {
  std::string name;
  Layout layout = Layout::frames;
  Origin origin = Origin::zero;  ///< how the data set's files count pixels; boxes here are 0-based
  std::vector<std::filesystem::path> frames;
  std::vector<Box> boxes;                    ///< as annotated; `is_valid(boxes[i])` says whether there is a target
  std::vector<std::vector<Point>> polygons;  ///< corners, where the annotation has them
  std::vector<std::uint8_t> absent;          ///< 1 where the target is out of view or wholly hidden
  std::vector<std::uint8_t> cover;           ///< how much of the target is seen, 0 (nothing) to 8 (all); GOT-10k
  std::vector<FrameTag> tags;                ///< of VOT; each has a flag a frame
  std::vector<std::size_t> no_starts;        ///< frames, from 0, where no run of TRE may begin; OTB
  double fps = 0;                            ///< frames a second, where the data set says; else 0
  std::vector<std::string> notes;            ///< what was wrong in the files and what was made of it, a sentence each

  std::size_t size() const { return frames.size(); }
  bool annotated() const { return !boxes.empty(); }
};

}  // namespace pursuit::inline v0
