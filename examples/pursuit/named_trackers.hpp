// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/track/any_tracker.hpp>

#include <cstdint>
#include <string>
#include <vector>

/// A tracker that was named on the command line.
struct NamedTracker {
  std::string name;
  std::string weights;  ///< as they were named; empty without
  pursuit::AnyTracker tracker;
};

/// Reads --tracker NAME[,NAME...] and --weights FILE[,FILE...]. The weights go, in order, to the trackers that need
/// some; NAME=FILE says to which. Throws UsageError, and pursuit::Error where weights do not fit.
std::vector<NamedTracker> make_trackers(const std::string& names, const std::string& weights, std::uint64_t seed);
