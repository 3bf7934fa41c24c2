// SPDX-License-Identifier: MIT
#include <pursuit/opencv.hpp>

#include "support/golden_images.hpp"
#include "support/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace pursuit;

TEST_CASE("view: a cv::Mat is seen without a copy, a region too") {
  cv::Mat mat(20, 30, CV_8UC3);
  for (int y = 0; y < 20; ++y)
    for (int x = 0; x < 30; ++x) mat.at<cv::Vec3b>(y, x) = cv::Vec3b(x, y, 7);
  const ImageView whole = view(mat);
  CHECK(whole.data == mat.data);
  CHECK(whole.width == 30);
  CHECK(whole.height == 20);
  CHECK(whole.order == PixelOrder::bgr);
  CHECK(unreadable(whole).empty());
  const cv::Mat region = mat(cv::Rect(4, 5, 10, 8));
  const ImageView part = view(region);
  CHECK(part.width == 10);
  CHECK(part.height == 8);
  CHECK(part.row_stride == 90);
  for (int y = 0; y < 8; ++y)
    for (int x = 0; x < 10; ++x) {
      REQUIRE(part.row(y)[3 * x] == x + 4);
      REQUIRE(part.row(y)[3 * x + 1] == y + 5);
    }
  const cv::Mat grey(3, 5, CV_8UC1, cv::Scalar(9));
  CHECK(view(grey).channels == 1);
  CHECK(view(grey).order == PixelOrder::grey);
  CHECK(unreadable(view(grey)).empty());
}

TEST_CASE("view: other pixels give a view that says what is wrong, or an error") {
  CHECK(test::contains(unreadable(view(cv::Mat())), "no data"));
  CHECK(test::contains(unreadable(view(cv::Mat(4, 4, CV_16UC1))), "16-bit"));
  CHECK(test::contains(unreadable(view(cv::Mat(4, 4, CV_32FC3))), "float"));
  CHECK(test::contains(unreadable(view(cv::Mat(4, 4, CV_8UC4))), "4 channels"));
  CHECK(test::contains(unreadable(view(cv::Mat(4, 4, CV_8UC2))), "2 channels"));
  CHECK_THROWS_WITH_AS(view(cv::Mat(4, 4, CV_64FC1)),
                       "view(cv::Mat): 2 dimensions of type CV_64FC1: need a picture of CV_8UC1 or CV_8UC3", Error);
  const int sizes[3] = {2, 3, 4};
  CHECK_THROWS_AS(view(cv::Mat(3, sizes, CV_8UC1)), Error);
}

TEST_CASE("to_mat: a copy in OpenCV's own order") {
  for (const PixelOrder order : {PixelOrder::grey, PixelOrder::rgb, PixelOrder::bgr}) {
    const Image image = test::waves(13, 11, order);
    const cv::Mat mat = to_mat(subview(image, 2, 3, 9, 7));
    REQUIRE(mat.channels() == image.channels());
    for (int c = 0; c < image.channels(); ++c) {
      const int mine = order == PixelOrder::rgb ? 2 - c : c;
      CHECK(mat.ptr(6)[8 * image.channels() + c] == image.at(10, 9)[mine]);
    }
    CHECK(mat.data != image.at(2, 3));
  }
  CHECK_THROWS_AS(to_mat(ImageView{}), Error);
}

TEST_CASE("VideoFrames: what VideoWriter wrote") {
  const test::TemporaryFolder folder;
  const auto file = folder / "clip.avi";
  {
    VideoWriter writer(file, 20, 64, 48);
    for (int t = 0; t < 6; ++t) writer.write(Image(64, 48, t % 2 ? PixelOrder::grey : PixelOrder::rgb, 40 * t));
    CHECK_THROWS_AS(writer.write(Image(10, 10, PixelOrder::rgb)), Error);
  }
  VideoFrames source(file);
  CHECK(source.size() == 6);
  CHECK(source.rate() == doctest::Approx(20));
  SourceFrame frame;
  for (int t = 0; t < 6; ++t) {
    REQUIRE(source.next(frame));
    CHECK(frame.error.empty());
    CHECK(frame.image.width == 64);
    CHECK(frame.image.order == PixelOrder::bgr);
    CHECK(std::abs(frame.image.row(24)[96] - 40 * t) <= 3);  // the codec's rounding
  }
  CHECK_FALSE(source.next(frame));
}

TEST_CASE("VideoFrames: a damaged frame in mid-video is a bad frame and not the end") {
  const test::TemporaryFolder folder;
  const auto file = folder / "clip.avi";
  {
    VideoWriter writer(file, 20, 64, 48);
    for (int t = 0; t < 8; ++t) writer.write(Image(64, 48, PixelOrder::rgb, static_cast<std::uint8_t>(25 * t)));
  }
  std::string bytes = test::read_file(file);
  std::size_t at = 0;
  for (int chunk = 0; chunk < 5; ++chunk) {  // "00dc", its length, a JPEG
    at = bytes.find("00dc", at + 1);
    REQUIRE(at != std::string::npos);
    std::size_t length = 0;
    for (std::size_t i = 0; i < 4; ++i) length |= std::size_t{static_cast<unsigned char>(bytes[at + 4 + i])} << 8 * i;
    if (chunk >= 3) std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(at + 8), length, 'U');
    at += 8 + length - 1;
  }
  test::write_file(file, bytes);

  VideoFrames source(file);
  SourceFrame frame;
  int frames = 0, bad = 0, last = 0;
  while (source.next(frame)) {
    ++frames;
    if (frame.error.empty()) {
      last = frame.image.row(24)[96];
    } else {
      ++bad;
      CHECK(frame.image.data == nullptr);
    }
  }
  CHECK(frames == 8);
  CHECK(bad == 2);
  CHECK(std::abs(last - 25 * 7) <= 3);
}

TEST_CASE("VideoFrames: what is no video is named") {
  const test::TemporaryFolder folder;
  CHECK(test::contains(test::message_of<FileError>([&] { VideoFrames(folder / "missing.mp4"); }),
                       "missing.mp4: no such file"));
  test::write_file(folder / "text.avi", "not a video");
  CHECK(test::contains(test::message_of<FileError>([&] { VideoFrames(folder / "text.avi"); }),
                       "text.avi: not a video that OpenCV can read"));
  CHECK_THROWS_AS(VideoWriter(folder / "no" / "x.avi", 25, 32, 32), FileError);
}
