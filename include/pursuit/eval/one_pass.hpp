// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/box.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/eval/session.hpp>

#include <cstddef>
#include <utility>
#include <vector>

namespace pursuit::inline v0 {

/// What a tracker answered, frame by frame; the first box is the one it was given.
struct TrackedRun {
  std::vector<Box> boxes;
  std::vector<double> seconds;  ///< of init() and of each update(), decoding excluded
  std::vector<double> scores;   ///< how sure the tracker was; 1 in the first frame
};

/// One-pass evaluation: starts at frame `begin` with `first` and goes on to `end`. `frame(i)` gives the view of frame
/// i; a view without data is a frame that could not be read. `done(i)` hears of each frame that is finished.
/// Throws Error where there is no frame or the first cannot be learned.
template <TrackingSession S, class Frames, class Done>
TrackedRun run_one_pass(S session, Frames&& frame, std::size_t begin, std::size_t end, const Box& first, Done&& done) {
  if (begin >= end) throw Error(concat("run_one_pass: frames ", begin, " to ", end, ": need at least one"));
  TrackedRun run;
  run.seconds.push_back(session.init(frame(begin), first));
  run.boxes.push_back(first);
  run.scores.push_back(1);
  done(begin);
  for (std::size_t i = begin + 1; i < end; ++i) {
    const TimedTrack answer = session.update(frame(i));
    run.boxes.push_back(answer.track.box);
    run.seconds.push_back(answer.seconds);
    run.scores.push_back(answer.track.score);
    done(i);
  }
  return run;
}

template <TrackingSession S, class Frames>
TrackedRun run_one_pass(S session, Frames&& frame, std::size_t begin, std::size_t end, const Box& first) {
  return run_one_pass(std::move(session), frame, begin, end, first, [](std::size_t) {});
}

}  // namespace pursuit::inline v0
