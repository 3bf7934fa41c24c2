// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>

#include <algorithm>
#include <cmath>

// How the rate of an optimiser goes down: rate(epoch), epochs counted from 0.
namespace pursuit::inline v0::optim {

/// first x factor^floor(epoch / every). ATOM: every 15 epochs, factor 0.2; CFKD: 15 and 0.1.
struct StepSchedule {
  double first = 1e-3;
  int every = 15;
  double factor = 0.2;
  /// Throws Error unless every is at least 1.
  double rate(int epoch) const {
    if (every < 1) throw Error(concat("StepSchedule: a step every ", every, " epochs: need at least 1"));
    return first * std::pow(factor, epoch / every);
  }
};

/// first x factor^epoch. SiamFC: from 1e-2 by a factor of (1e-5 / 1e-2)^(1/50).
struct ExponentialSchedule {
  double first = 1e-2;
  double factor = 0.9;
  double rate(int epoch) const { return first * std::pow(factor, epoch); }
};

/// From `first` in epoch 0 to `last` in epoch epochs - 1, by equal factors. RAR: 1e-3 to 1e-4.
struct LogSchedule {
  double first = 1e-3;
  double last = 1e-4;
  int epochs = 50;
  double rate(int epoch) const {
    if (epochs < 2) return first;
    return first * std::pow(last / first, static_cast<double>(std::min(epoch, epochs - 1)) / (epochs - 1));
  }
};

/// A straight line from `first` up to where another schedule begins, then that one.
template <class Schedule>
struct WarmUp {
  double first = 1e-3;
  int epochs = 5;
  Schedule schedule{};
  double rate(int epoch) const {
    if (epoch >= epochs) return schedule.rate(epoch - epochs);
    return first + (schedule.rate(0) - first) * epoch / epochs;
  }
};

}  // namespace pursuit::inline v0::optim
