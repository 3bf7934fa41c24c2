// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/data/frame_source.hpp>

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

namespace pursuit::inline v0 {

/// The pixels of a cv::Mat, without a copy: regions too. Three channels are BGR, as OpenCV has them; the view lives as
/// long as the Mat's pixels.
///
/// An empty Mat (a grab that failed) gives a view without data, and 16-bit and float pixels a view that says so: a
/// tracker's init() then throws and its update() answers `bad_frame`. Throws Error for anything else that no frame
/// can be: other depths, more than two dimensions.
inline ImageView view(const cv::Mat& mat) {
  if (mat.empty()) return {};
  const auto complain = [&] {
    throw Error(concat("view(cv::Mat): ", mat.dims, " dimensions of type ", cv::typeToString(mat.type()),
                       ": need a picture of CV_8UC1 or CV_8UC3"));
  };
  if (mat.dims != 2) complain();
  ImageView v{mat.data, mat.cols, mat.rows, mat.channels(), static_cast<std::ptrdiff_t>(mat.step[0])};
  v.order = mat.channels() == 1 ? PixelOrder::grey : PixelOrder::bgr;
  switch (mat.depth()) {
    case CV_8U: v.type = PixelType::u8; break;
    case CV_16U: v.type = PixelType::u16; break;
    case CV_32F: v.type = PixelType::f32; break;
    default: complain();
  }
  return v;
}

/// A copy as OpenCV has its pictures: grey, or BGR. Throws Error where the view cannot be read.
inline cv::Mat to_mat(const ImageView& image) {
  require_readable(image, "to_mat");
  // cv::Mat has no read-only pixels; this one is gone before anybody can write to it.
  const cv::Mat shared(image.height, image.width, CV_8UC(image.channels), const_cast<std::uint8_t*>(image.data),
                       static_cast<std::size_t>(image.row_stride));
  if (image.channels == 1 || image.order == PixelOrder::bgr) return shared.clone();
  cv::Mat swapped;
  cv::cvtColor(shared, swapped, cv::COLOR_RGB2BGR);
  return swapped;
}

/// Frames of a video file or a camera.
class VideoFrames final : public FrameSource {
 public:
  /// Throws FileError where the file is missing or is no video that this OpenCV reads.
  explicit VideoFrames(const std::filesystem::path& file) {
    std::error_code problem;
    if (!std::filesystem::exists(file, problem)) throw FileError(concat(file.string(), ": no such file"));
    if (!capture_.open(file.string())) throw FileError(concat(file.string(), ": not a video that OpenCV can read"));
    const double frames = capture_.get(cv::CAP_PROP_FRAME_COUNT);
    if (frames > 0 && frames < 1e9) size_ = static_cast<std::size_t>(frames);
  }
  /// Camera number 0, 1, ... Throws Error where it cannot be opened.
  explicit VideoFrames(int camera) {
    if (!capture_.open(camera)) throw Error(concat("camera ", camera, ": cannot be opened"));
  }

  bool next(SourceFrame& frame) override {
    if (bad_ == 0 && !held_ && !grab()) return false;
    ++taken_;
    frame.image = {};
    frame.error.clear();
    if (bad_ > 0) {
      --bad_;
    } else {
      held_ = false;
      if (capture_.retrieve(picture_)) frame.image = view(picture_);
    }
    if (frame.image.data == nullptr) frame.error = concat("frame ", taken_, " of the video cannot be decoded");
    return true;
  }
  /// As the file's header says: it may be wrong by some frames.
  std::optional<std::size_t> size() const override { return size_; }
  /// Frames a second, 25 where the source does not say.
  double rate() const {
    const double fps = capture_.get(cv::CAP_PROP_FPS);
    return fps > 0 && fps < 1000 ? fps : 25;
  }

 private:
  // A damaged frame in mid-video fails as the end does. It is the end where some tries in a row fail; those before
  // one that succeeds were frames.
  bool grab() {
    held_ = capture_.grab();
    if (held_ || !size_ || taken_ + 1 >= *size_) return held_;
    for (int tries = 1; tries <= 8 && !held_; ++tries) {
      held_ = capture_.grab();
      bad_ = tries;
    }
    if (!held_) bad_ = 0;
    return held_;
  }

  cv::VideoCapture capture_;
  cv::Mat picture_;
  std::optional<std::size_t> size_;
  std::size_t taken_ = 0;
  int bad_ = 0;        // frames still to be reported as failed
  bool held_ = false;  // a frame is grabbed and not yet given out
};

/// Writes a video file: Motion JPEG for .avi, MPEG-4 for the rest.
class VideoWriter {
 public:
  /// Throws FileError where the file cannot be written or OpenCV lacks the encoder.
  VideoWriter(const std::filesystem::path& file, double rate, int width, int height) : width_(width), height_(height) {
    const int codec = file.extension() == ".avi" ? cv::VideoWriter::fourcc('M', 'J', 'P', 'G')
                                                 : cv::VideoWriter::fourcc('m', 'p', '4', 'v');
    if (!writer_.open(file.string(), codec, rate, cv::Size(width, height)))
      throw FileError(concat(file.string(), ": cannot be written as a video of ", width, "x", height, " pixels"));
  }
  /// Throws Error unless the frame has the size of the video.
  void write(const ImageView& frame) {
    if (frame.width != width_ || frame.height != height_)
      throw Error(concat("VideoWriter: a frame of ", frame.width, "x", frame.height, " in a video of ", width_, "x",
                         height_, " pixels"));
    cv::Mat picture = to_mat(frame);
    if (picture.channels() == 1) cv::cvtColor(picture, picture, cv::COLOR_GRAY2BGR);
    writer_.write(picture);
  }

 private:
  cv::VideoWriter writer_;
  int width_;
  int height_;
};

}  // namespace pursuit::inline v0
