// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/version.hpp>

#include <array>
#include <chrono>
#include <cstddef>

namespace pursuit::inline v0 {

/// Time spent in one part of the loop since init() ended.
struct StageTime {
  const char* name = "";
  double total_ms = 0;
  std::size_t calls = 0;
};

/// Where the time of a tracker goes. Reading the clock twice a stage costs some 50 ns.
class StageTimes {
 public:
  enum Stage { crop, features, respond, estimate, learn, count };

  const StageTime* begin() const { return stage_.data(); }
  const StageTime* end() const { return stage_.data() + count; }
  const StageTime& operator[](Stage s) const { return stage_[s]; }
  void clear() {
    for (StageTime& s : stage_) s.total_ms = 0, s.calls = 0;
  }

  /// Runs `work` and adds its time to the stage.
  template <class Work>
  decltype(auto) time(Stage s, Work&& work) {
    const Stopwatch watch{stage_[s]};
    return work();
  }

 private:
  using Clock = std::chrono::steady_clock;
  struct Stopwatch {
    StageTime& stage;
    Clock::time_point start = Clock::now();
    ~Stopwatch() {
      stage.total_ms += std::chrono::duration<double, std::milli>(Clock::now() - start).count();
      ++stage.calls;
    }
  };

  std::array<StageTime, count> stage_{{{"crop"}, {"features"}, {"respond"}, {"estimate"}, {"learn"}}};
};

}  // namespace pursuit::inline v0
