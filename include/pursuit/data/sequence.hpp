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

/// A video as files: its frames in order and what people wrote about them. Nothing is decoded yet.
///
/// `boxes`, `polygons`, `absent` and `cover` are empty where the data set has no such thing; otherwise they have one
/// entry a frame.
struct Sequence {
  std::string name;
  Layout layout = Layout::frames;
  Origin origin = Origin::zero;  ///< how the data set's files count pixels; boxes here are 0-based
  std::vector<std::filesystem::path> frames;
  std::vector<Box> boxes;                    ///< as annotated; `is_valid(boxes[i])` says whether there is a target
  std::vector<std::vector<Point>> polygons;  ///< corners, where the annotation has them
  std::vector<std::uint8_t> absent;          ///< 1 where the target is out of view or wholly hidden
  std::vector<std::uint8_t> cover;           ///< how much of the target is seen, 0 (nothing) to 8 (all); GOT-10k
  std::vector<std::string> notes;            ///< what was wrong in the files and what was made of it, a sentence each

  std::size_t size() const { return frames.size(); }
  bool annotated() const { return !boxes.empty(); }
};

}  // namespace pursuit::inline v0
