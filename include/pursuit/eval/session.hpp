// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/box.hpp>
#include <pursuit/core/image.hpp>
#include <pursuit/core/track.hpp>

#include <chrono>
#include <concepts>
#include <cstddef>

namespace pursuit::inline v0 {

/// Runs work and says how many seconds it took.
struct WallClock {
  template <class Work>
  double operator()(Work&& work) const {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
};

/// Runs work and says that it took as long as at a fixed speed: a time that is the same on every machine.
struct SimulatedClock {
  double fps = 20;
  template <class Work>
  double operator()(Work&& work) const {
    work();
    return 1 / fps;
  }
};

struct TimedTrack {
  Track track{};
  double seconds = 0;  ///< that the tracker took; 0 where it was not asked
};

/// A tracker with a clock, as protocols run it.
template <class S>
concept TrackingSession = requires(S& session, const ImageView& frame, const Box& target) {
  { session.init(frame, target) } -> std::convertible_to<double>;
  { session.update(frame) } -> std::convertible_to<TimedTrack>;
};

/// Runs a tracker on every frame. The tracker is not owned.
template <class Tracker, class Clock = WallClock>
class Session {
 public:
  explicit Session(Tracker& tracker, Clock clock = {}) : tracker_(&tracker), clock_(clock) {}

  double init(const ImageView& frame, const Box& target) {
    return clock_([&] { tracker_->init(frame, target); });
  }
  TimedTrack update(const ImageView& frame) {
    TimedTrack answer;
    answer.seconds = clock_([&] { answer.track = tracker_->update(frame); });
    return answer;
  }

 private:
  Tracker* tracker_;
  Clock clock_;
};

struct RealtimeOptions {
  double fps = 20;        ///< of the video
  std::size_t grace = 3;  ///< how often after each start the tracker may be late without losing frames
};

/// Runs a tracker on a video that does not wait: while it computes, frames pass, and for those the last answer stands.
/// The rule of the VOT toolkit's real-time experiment. Whether time is measured or simulated is the clock's.
template <class Tracker, class Clock = WallClock>
class RealtimeSession {
 public:
  explicit RealtimeSession(Tracker& tracker, RealtimeOptions options = {}, Clock clock = {})
      : session_(tracker, clock), options_(options) {}

  double init(const ImageView& frame, const Box& target) {
    grace_ = options_.grace;
    debt_ = 0;
    last_ = {.box = target};
    const double seconds = session_.init(frame, target);
    settle(seconds);
    return seconds;
  }
  TimedTrack update(const ImageView& frame) {
    const double interval = 1 / options_.fps;
    if (debt_ > interval) {
      debt_ -= interval;
      return {last_, 0};
    }
    debt_ = 0;
    const TimedTrack answer = session_.update(frame);
    last_ = answer.track;
    settle(answer.seconds);
    return answer;
  }

 private:
  void settle(double seconds) {
    const double interval = 1 / options_.fps;
    if (!(seconds > interval)) return;
    if (grace_ > 0)
      --grace_;
    else
      debt_ = seconds - interval;
  }

  Session<Tracker, Clock> session_;
  RealtimeOptions options_;
  std::size_t grace_ = 0;
  double debt_ = 0;
  Track last_{};
};

}  // namespace pursuit::inline v0
