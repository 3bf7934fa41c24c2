// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/precision.hpp>
#include <pursuit/io/weights.hpp>
#include <pursuit/track/any_tracker.hpp>
#include <pursuit/zoo/entry.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

/// A tracker that was named on the command line.
struct NamedTracker {
  std::string name;
  std::string weights;  ///< as they were named; empty without
  pursuit::AnyTracker tracker;
};

/// All trackers. The program's files read them here, so that they are compiled once.
std::span<const pursuit::zoo::Entry> known_trackers();
/// Their names, for messages.
std::string tracker_names();

/// Reads --tracker NAME. Throws UsageError.
const pursuit::zoo::Entry& known_tracker(const std::string& name);

/// The file that is there for a tracker of which nobody said the weights. Throws UsageError where there is none.
std::string weights_at_hand(const pursuit::zoo::Entry& entry);

/// Reads --weights FILE or random:SEED; no text gives no weights. Throws UsageError, and pursuit::FileError.
pursuit::Weights open_weights(const std::string& text);

/// Reads --tracker NAME[,NAME...] and --weights FILE[,FILE...]. The weights go, in order, to the trackers that need
/// some; NAME=FILE says to which. Throws UsageError, and pursuit::Error where weights do not fit.
std::vector<NamedTracker> make_trackers(const std::string& names, const std::string& weights, std::uint64_t seed,
                                        pursuit::Precision precision = pursuit::Precision::float32);

/// Reads --precision float or bf16.
inline pursuit::Precision precision_of(const std::string& text) {
  return text == "bf16" ? pursuit::Precision::bf16 : pursuit::Precision::float32;
}
