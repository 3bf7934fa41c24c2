// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/track.hpp>

#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <optional>

/// One line on a terminal that says how far a run is. On anything but a terminal it writes nothing.
class Progress {
 public:
  explicit Progress(std::optional<std::size_t> total) : total_(total), on_(isatty(STDERR_FILENO) != 0) {}

  void show(std::size_t done, const pursuit::Track& track) {
    const auto now = Clock::now();
    if (!on_ || now - drawn_ < std::chrono::milliseconds(100)) return;
    drawn_ = now;
    const double seconds = std::chrono::duration<double>(now - start_).count();
    std::fprintf(stderr, "\r\033[Kframe %zu", done);
    if (total_) std::fprintf(stderr, " of %zu", *total_);
    std::fprintf(stderr, "  %.0f frames/s  score %.2f  %s", static_cast<double>(done) / seconds, track.score,
                 to_string(track.status));
    std::fflush(stderr);
  }
  /// Takes the line away, before something else is written.
  void clear() {
    if (on_) std::fprintf(stderr, "\r\033[K");
  }

 private:
  using Clock = std::chrono::steady_clock;
  std::optional<std::size_t> total_;
  bool on_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point drawn_{};
};
