// SPDX-License-Identifier: MIT
#include "annotated.hpp"

#include "commands.hpp"
#include "picture.hpp"

#include <pursuit/io/image_file.hpp>

#include <algorithm>
#include <cstdio>

#ifdef PURSUIT_PROGRAM_WITH_OPENCV
#include <pursuit/opencv.hpp>

struct AnnotatedVideo::File : pursuit::VideoWriter {
  using pursuit::VideoWriter::VideoWriter;
};
#else
struct AnnotatedVideo::File {};
#endif

namespace {

/// A video has one size: frames of another are cut or continued in black.
[[maybe_unused]] pursuit::Image fitted(const pursuit::Image& image, int width, int height) {
  if (image.width() == width && image.height() == height) return image;
  pursuit::Image out(width, height, image.order());
  for (int y = 0; y < std::min(height, image.height()); ++y)
    std::copy_n(image.at(0, y), static_cast<std::size_t>(std::min(width, image.width()) * image.channels()),
                out.at(0, y));
  return out;
}

}  // namespace

AnnotatedVideo::AnnotatedVideo(const std::filesystem::path& path, double rate) : path_(path), rate_(rate) {
  const std::string ending = path.extension().string();
  is_file_ = ending == ".mp4" || ending == ".avi" || ending == ".mkv" || ending == ".mov";
  if (is_file_) {
#ifndef PURSUIT_PROGRAM_WITH_OPENCV
    throw UsageError(path.string() + ": this build writes no video files (OpenCV is off): name a folder for pictures");
#endif
    return;
  }
  std::error_code problem;
  std::filesystem::create_directories(path, problem);
  if (problem) throw pursuit::FileError(path.string() + ": cannot be made: " + problem.message());
}

AnnotatedVideo::~AnnotatedVideo() = default;

void AnnotatedVideo::write(std::size_t index, const pursuit::ImageView& frame, const pursuit::Track& track,
                           const pursuit::Box& truth) {
  constexpr Colour orange{255, 122, 26}, grey{150, 150, 150}, green{23, 184, 144};
  pursuit::Image image = to_rgb(frame);
  const int thickness = std::max(2, std::max(frame.width, frame.height) / 400);
  draw_box(image, truth, green, thickness);
  draw_box(image, track.box, track.status == pursuit::TrackStatus::tracking ? orange : grey, thickness);
  if (!is_file_) {
    char name[32];
    std::snprintf(name, sizeof name, "%06zu.jpg", index + 1);
    pursuit::save_jpeg(path_ / name, image);
    return;
  }
#ifdef PURSUIT_PROGRAM_WITH_OPENCV
  if (!file_) {
    file_ = std::make_unique<File>(path_, rate_, frame.width, frame.height);
    width_ = frame.width;
    height_ = frame.height;
  }
  file_->write(fitted(image, width_, height_));
#endif
}
