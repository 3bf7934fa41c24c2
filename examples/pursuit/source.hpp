// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/data/frame_source.hpp>
#include <pursuit/io/results.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

/// A video and what is known of it.
struct Source {
  std::string name;
  std::unique_ptr<pursuit::FrameSource> frames{};
  std::vector<pursuit::Box> truth{};               ///< one a frame, or empty
  pursuit::Origin origin = pursuit::Origin::zero;  ///< how result files count pixels
  double rate = 25;                                ///< frames a second
  std::vector<std::string> notes{};                ///< what was repaired
};

/// Stops OpenCV's own messages on standard error: the program says itself what failed.
void quiet_opencv();

/// `text` is "demo", a camera's number, a folder of frames, a sequence, or a video file.
/// Throws pursuit::FileError, or pursuit::Error where this build cannot read videos.
Source open_source(const std::string& text);

/// The box somebody drags with a mouse over the frame; none without a display or where nothing was chosen.
std::optional<pursuit::Box> ask_for_box(const pursuit::ImageView& frame);
