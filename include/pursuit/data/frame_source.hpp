// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/data/sequence.hpp>
#include <pursuit/io/image_file.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pursuit::inline v0 {

/// One frame of a video, or why it could not be read.
struct SourceFrame {
  ImageView image;    ///< valid until the next frame is taken; without data where the frame could not be read
  std::string error;  ///< empty where it could
};

/// Frames one after the other, from wherever they come. A frame that cannot be decoded is a frame with an error: it
/// does not end the video. A tracker that is given its empty view answers with status `bad_frame`.
class FrameSource {
 public:
  virtual ~FrameSource() = default;
  /// Takes the next frame; false at the end.
  virtual bool next(SourceFrame& frame) = 0;
  /// How many frames there are, where that is known before the end.
  virtual std::optional<std::size_t> size() const { return {}; }
};

/// Pictures in files.
class FileFrames final : public FrameSource {
 public:
  explicit FileFrames(std::vector<std::filesystem::path> files, const ImageLimits& limits = {})
      : files_(std::move(files)), reader_(limits) {}

  bool next(SourceFrame& frame) override {
    if (next_ == files_.size()) return false;
    frame.error.clear();
    try {
      frame.image = reader_.read(files_[next_]);
    } catch (const Error& e) {
      frame.image = {};
      frame.error = e.what();
    }
    ++next_;
    return true;
  }
  std::optional<std::size_t> size() const override { return files_.size(); }

 private:
  std::vector<std::filesystem::path> files_;
  ImageReader reader_;
  std::size_t next_ = 0;
};

}  // namespace pursuit::inline v0
