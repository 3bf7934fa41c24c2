// SPDX-License-Identifier: MIT
#include "source.hpp"

#include <pursuit/check/rendered_frames.hpp>
#include <pursuit/check/scenes.hpp>
#include <pursuit/data/open_sequence.hpp>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <utility>

#ifdef PURSUIT_PROGRAM_WITH_OPENCV
#include <pursuit/opencv.hpp>

#include <opencv2/core/utils/logger.hpp>
#include <opencv2/highgui.hpp>
#endif

namespace {

bool is_number(const std::string& text) {
  return !text.empty() && text.size() < 5 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

#ifdef PURSUIT_PROGRAM_WITH_OPENCV
/// Whether a window can be opened. A child tries it: where a display is named and does not answer (a connection that
/// was closed, a container), OpenCV's Qt ends the process.
bool has_display() {
  if (std::getenv("DISPLAY") == nullptr && std::getenv("WAYLAND_DISPLAY") == nullptr) return false;
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(10);
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    if (const int nowhere = ::open("/dev/null", O_WRONLY); nowhere >= 0) ::dup2(nowhere, 1), ::dup2(nowhere, 2);
    try {
      cv::namedWindow("pursuit");
      cv::destroyAllWindows();
    } catch (const cv::Exception&) {  // an OpenCV without windows
      ::_exit(1);
    }
    ::_exit(0);
  }
  int status = -1;
  while (child > 0 && ::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
#endif

Source open_demo() {
  Source source{.name = "demo"};
  auto frames = std::make_unique<pursuit::check::RenderedFrames>(pursuit::check::demo_clip());
  for (int t = 0; t < frames->sequence().size(); ++t) source.truth.push_back(frames->sequence().box(t));
  source.frames = std::move(frames);
  return source;
}

Source open_video([[maybe_unused]] const std::string& text) {
#ifdef PURSUIT_PROGRAM_WITH_OPENCV
  Source source{.name = is_number(text) ? "camera " + text : std::filesystem::path(text).filename().string()};
  auto frames = is_number(text) ? std::make_unique<pursuit::VideoFrames>(std::stoi(text))
                                : std::make_unique<pursuit::VideoFrames>(std::filesystem::path(text));
  source.rate = frames->rate();
  source.frames = std::move(frames);
  return source;
#else
  throw pursuit::Error(pursuit::concat(
      text, ": this build reads no videos or cameras (OpenCV is off): ", "need a folder of frames or a sequence"));
#endif
}

}  // namespace

void quiet_opencv() {
#ifdef PURSUIT_PROGRAM_WITH_OPENCV
  cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
  ::setenv("OPENCV_FFMPEG_LOGLEVEL", "-8", 0);  // FFmpeg's "quiet"
#endif
}

Source open_source(const std::string& text) {
  namespace fs = std::filesystem;
  if (text == "demo") return open_demo();
  const fs::path path(text);
  std::error_code problem;
  if (is_number(text) && !fs::exists(path, problem)) return open_video(text);
  const bool annotation = path.filename().string().starts_with("groundtruth") && path.extension() == ".txt";
  if (fs::exists(path, problem) && !fs::is_directory(path, problem) && !annotation) return open_video(text);

  pursuit::Sequence sequence = pursuit::open_sequence(path);
  Source source{.name = sequence.name};
  source.frames = std::make_unique<pursuit::FileFrames>(sequence.frames);
  source.truth = std::move(sequence.boxes);
  source.origin = sequence.origin;
  source.notes = std::move(sequence.notes);
  return source;
}

std::optional<pursuit::Box> ask_for_box([[maybe_unused]] const pursuit::ImageView& frame) {
#ifdef PURSUIT_PROGRAM_WITH_OPENCV
  if (!has_display()) return {};
  try {
    const cv::Rect chosen =
        cv::selectROI("pursuit: drag a box around the target, then press Enter", pursuit::to_mat(frame));
    cv::destroyAllWindows();
    if (chosen.area() > 0) return pursuit::Box{1.0 * chosen.x, 1.0 * chosen.y, 1.0 * chosen.width, 1.0 * chosen.height};
  } catch (const cv::Exception&) {  // the display has gone
  }
#endif
  return {};
}
