// SPDX-License-Identifier: MIT
// Runs OpenCV's KCF and CSRT over a data set and leaves the result files that `pursuit report` compares:
//
//     opencv_results ROOT OUT          OUT/KCF/SEQ.txt, OUT/CSRT/SEQ.txt, with times beside them
//
// OpenCV's trackers report success or not; where they do not, the last box is kept, as toolkits expect a box a frame.
#include <pursuit/data/dataset.hpp>
#include <pursuit/data/frame_reader.hpp>
#include <pursuit/eval/one_pass.hpp>
#include <pursuit/io/results.hpp>
#include <pursuit/opencv.hpp>

#include <opencv2/tracking.hpp>

#include <filesystem>
#include <iostream>
#include <string>

namespace fs = std::filesystem;

namespace {

/// One of OpenCV's trackers, as protocols run it.
class OpenCvTracker {
 public:
  explicit OpenCvTracker(const std::string& name) : name_(name) {}

  void init(const pursuit::ImageView& frame, const pursuit::Box& target) {
    tracker_ = name_ == "KCF" ? cv::Ptr<cv::Tracker>(cv::TrackerKCF::create())
                              : cv::Ptr<cv::Tracker>(cv::TrackerCSRT::create());
    box_ = target;
    const cv::Rect whole(cvRound(target.x), cvRound(target.y), cvRound(target.w), cvRound(target.h));
    tracker_->init(bgr(frame), whole & cv::Rect(0, 0, frame.width, frame.height));
  }
  pursuit::Track update(const pursuit::ImageView& frame) {
    cv::Rect found;
    if (frame.data == nullptr) return {.box = box_, .status = pursuit::TrackStatus::bad_frame};
    if (!tracker_->update(bgr(frame), found)) return {.box = box_, .score = 0, .status = pursuit::TrackStatus::lost};
    box_ = {1.0 * found.x, 1.0 * found.y, 1.0 * found.width, 1.0 * found.height};
    return {.box = box_};
  }

 private:
  /// OpenCV's trackers take three channels, blue first, as to_mat() gives for colour.
  static cv::Mat bgr(const pursuit::ImageView& frame) {
    cv::Mat picture = pursuit::to_mat(frame);
    if (picture.channels() == 1) cv::cvtColor(picture, picture, cv::COLOR_GRAY2BGR);
    return picture;
  }

  std::string name_;
  cv::Ptr<cv::Tracker> tracker_;
  pursuit::Box box_{};
};

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 3) {
    std::cerr << "usage: opencv_results ROOT OUT\n";
    return 2;
  }
  cv::setNumThreads(1);
  const fs::path out = argv[2];
  for (const auto& entry : pursuit::list_dataset(argv[1], pursuit::DatasetKind::any)) {
    const pursuit::Sequence sequence = open_sequence(entry);
    if (!sequence.annotated()) continue;
    for (const char* name : {"KCF", "CSRT"}) {
      pursuit::FrameReader frames(sequence);
      OpenCvTracker tracker(name);
      const auto run = pursuit::run_one_pass(pursuit::Session(tracker), frames, 0, sequence.size(), sequence.boxes[0]);
      fs::create_directories(out / name / "times");
      pursuit::write_times(out / name / "times" / (entry.name + "_time.txt"), run.seconds);
      pursuit::write_results(out / name / (entry.name + ".txt"), run.boxes, sequence.origin);
      std::cout << name << ' ' << entry.name << std::endl;
    }
  }
} catch (const std::exception& e) {
  std::cerr << "opencv_results: " << e.what() << '\n';
  return 1;
}
