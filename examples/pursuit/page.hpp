// SPDX-License-Identifier: MIT
#pragma once

#include "run_record.hpp"

#include <pursuit/core/image.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

/// A page that shows a run: the frames with the boxes drawn over them, and what the tracker said over time. One HTML
/// file of about 14 MB at most, with everything in it; it needs no network.
class Page {
 public:
  /// `frames`: how many there will be, where known. Throws pursuit::FileError where the file cannot be created.
  Page(const std::filesystem::path& file, std::optional<std::size_t> frames);

  /// Keeps a small JPEG of the next frame. Long videos keep every second frame, then every fourth, ...
  void add_frame(const pursuit::ImageView& frame);
  /// The next frame could not be read: it has no picture.
  void add_bad_frame() { ++seen_; }

  /// Throws pursuit::FileError where the page did not reach the disk. `rate`: frames a second when played.
  void write(const RunRecord& run, double rate);

 private:
  struct Picture {
    std::size_t frame;
    std::vector<std::uint8_t> jpeg;
  };
  void choose_size(const pursuit::ImageView& frame);

  std::filesystem::path file_;
  std::ofstream out_;
  std::optional<std::size_t> expected_;
  std::vector<Picture> pictures_;
  std::size_t bytes_ = 0;
  std::size_t seen_ = 0;
  std::size_t every_ = 1;
  double scale_ = 0;  // of a picture's side to the frame's; 0 before the first frame
  int width_ = 0;
  int height_ = 0;
};

/// JSON that may stand inside a <script>: no text can end it.
std::string script_safe(const nlohmann::ordered_json& value);
