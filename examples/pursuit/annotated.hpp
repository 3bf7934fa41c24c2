// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/image.hpp>
#include <pursuit/core/track.hpp>

#include <cstddef>
#include <filesystem>
#include <memory>

/// The frames with the tracker's box (orange; grey where it is in doubt) and the truth (green) drawn into them: a
/// video file, or a folder of JPEG pictures that are numbered as the frames are.
class AnnotatedVideo {
 public:
  /// A name that ends in .mp4, .avi, .mkv or .mov is a video and needs OpenCV; any other a folder, which is made.
  /// Throws UsageError or pursuit::FileError.
  AnnotatedVideo(const std::filesystem::path& path, double rate);
  ~AnnotatedVideo();

  /// `index` counts from 0. A truth that is not finite is not drawn.
  void write(std::size_t index, const pursuit::ImageView& frame, const pursuit::Track& track,
             const pursuit::Box& truth);

 private:
  struct File;
  std::filesystem::path path_;
  double rate_;
  std::unique_ptr<File> file_;
  bool is_file_;
  int width_ = 0;
  int height_ = 0;
};
