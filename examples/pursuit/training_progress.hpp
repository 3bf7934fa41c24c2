// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/train/trainer.hpp>

#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>

/// A line on a terminal that says how far a training run is and how long it will take, and one that stays for each
/// epoch. On anything but a terminal it writes nothing.
class TrainingProgress {
 public:
  explicit TrainingProgress(const pursuit::TrainerOptions& options)
      : epochs_(options.epochs), steps_(options.steps), on_(isatty(STDERR_FILENO) != 0) {}
  ~TrainingProgress() { clear(); }
  TrainingProgress(const TrainingProgress&) = delete;
  TrainingProgress& operator=(const TrainingProgress&) = delete;

  void show(const pursuit::StepRecord& r) {
    const auto now = Clock::now();
    // The first step takes memory and fills caches: it says nothing of the others.
    if (first_ == 0) first_ = r.step, begin_ = now;
    if (!on_ || now - drawn_ < std::chrono::milliseconds(100)) return;
    drawn_ = now;
    std::fprintf(stderr, "\r\033[Kepoch %d of %d  step %lld of %d  loss %.4g  rate %.2g", r.epoch, epochs_,
                 static_cast<long long>((r.step - 1) % steps_ + 1), steps_, r.loss.total, r.rate);
    if (r.step > first_) {
      const double each = std::chrono::duration<double>(now - begin_).count() / static_cast<double>(r.step - first_);
      const double left = each * static_cast<double>(std::int64_t{epochs_} * steps_ - r.step);
      std::fprintf(stderr, "  %.3g s a step  %s left", each, time_text(left).c_str());
    }
    std::fflush(stderr);
  }
  void show(const pursuit::EpochRecord& r) {
    if (!on_) return;
    clear();
    std::fprintf(stderr, "epoch %d of %d  training %.4g", r.epoch, epochs_, r.training.total);
    if (r.validation) std::fprintf(stderr, "  validation %.4g", r.validation->total);
    std::fprintf(stderr, "  %s%s\n", time_text(r.seconds).c_str(), r.best ? "  best so far" : "");
  }
  /// Takes the line away, before something else is written.
  void clear() {
    if (on_) std::fprintf(stderr, "\r\033[K");
  }

  /// "47 s", "12 min", "3 h 05 min", "2 d 4 h".
  static std::string time_text(double seconds) {
    const auto text = [](const char* format, long a, long b) {
      char line[64];
      std::snprintf(line, sizeof line, format, a, b);
      return std::string(line);
    };
    const long s = static_cast<long>(seconds + 0.5), minutes = (s + 30) / 60;
    if (s < 90) return text("%ld s", s, 0);
    if (minutes < 90) return text("%ld min", minutes, 0);
    if (minutes < 48 * 60) return text("%ld h %02ld min", minutes / 60, minutes % 60);
    return text("%ld d %ld h", minutes / (24 * 60), minutes / 60 % 24);
  }

 private:
  using Clock = std::chrono::steady_clock;
  int epochs_, steps_;
  bool on_;
  std::int64_t first_ = 0;  // the first step that was seen
  Clock::time_point begin_{};
  Clock::time_point drawn_{};
};
