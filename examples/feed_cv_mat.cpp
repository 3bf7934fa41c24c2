// SPDX-License-Identifier: MIT
// Lesson 4: feed a tracker with cv::Mat. Nothing is copied: view() looks at the Mat's own pixels, of regions too.
#include <pursuit/check/rendered.hpp>
#include <pursuit/check/scenes.hpp>
#include <pursuit/opencv.hpp>
#include <pursuit/zoo/cacf.hpp>

#include <iostream>

int main() {
  pursuit::check::RenderedSequence clip(pursuit::check::moving(60, 1.5, 0.5));
  pursuit::zoo::Cacf tracker;

  // Stands for cv::VideoCapture::read(): BGR pixels with a frame of 20 that are not wanted.
  const auto read = [&](int t, cv::Mat& mat) {
    cv::copyMakeBorder(pursuit::to_mat(clip.frame(t)), mat, 20, 20, 20, 20, cv::BORDER_CONSTANT);
  };
  const auto wanted = [](const cv::Mat& mat) { return mat(cv::Rect(20, 20, mat.cols - 40, mat.rows - 40)); };

  cv::Mat mat;
  read(0, mat);
  const pursuit::Box first = clip.box(0);
  tracker.init(pursuit::view(wanted(mat)), first);

  double overlap = 0;
  for (int t = 1; t < clip.size(); ++t) {
    read(t, mat);
    if (t == 30) mat.release();  // a camera that stumbles: the frame is empty, the tracker waits
    const pursuit::Track& track = tracker.update(mat.empty() ? pursuit::view(mat) : pursuit::view(wanted(mat)));
    if (track.status == pursuit::TrackStatus::bad_frame) {
      std::cout << "frame " << t << " could not be read\n";
      continue;
    }
    const cv::Rect2d box(track.box.x, track.box.y, track.box.w, track.box.h);
    overlap += iou(track.box, clip.box(t)) / (clip.size() - 1);
    if (t % 20 == 0) std::cout << "frame " << t << ": " << box << '\n';
  }
  std::cout << "mean overlap " << overlap << '\n';
  return overlap > 0.5 ? 0 : 1;
}
