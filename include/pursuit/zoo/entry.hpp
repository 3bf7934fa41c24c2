// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>
#include <pursuit/core/precision.hpp>
#include <pursuit/io/weights.hpp>
#include <pursuit/track/any_tracker.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pursuit::inline v0::zoo {

/// What can be said about any tracker at run time.
struct Settings {
  std::uint64_t seed = 0;  ///< of whatever is random in a tracker; two with the same seed give the same boxes
  Precision precision = Precision::float32;  ///< of networks; a tracker without one does not ask
};

/// A tracker by name.
struct Entry {
  std::string_view name;
  std::string_view about;
  /// The tensors that it reads from a weight file; none where it needs no weights.
  std::vector<TensorSpec> (*tensors)();
  AnyTracker (*make)(std::string_view name, const Weights& weights, const Settings& settings);

  bool needs_weights() const { return !tensors().empty(); }
};

/// Throws Error, with the names there are, where there is no such tracker.
inline const Entry& find(std::span<const Entry> entries, std::string_view name) {
  std::string names;
  for (const Entry& entry : entries) {
    if (entry.name == name) return entry;
    names += (names.empty() ? "" : ", ") + std::string(entry.name);
  }
  throw Error(concat("zoo: there is no tracker \"", name, "\": need one of ", names));
}

/// The tracker whose tensors the weights hold, or nullptr. Random weights and empty ones fit none in particular.
inline const Entry* fitting(std::span<const Entry> entries, const Weights& weights) {
  if (weights.is_random() || weights.empty()) return nullptr;
  for (const Entry& entry : entries)
    if (const auto needed = entry.tensors(); !needed.empty() && weights.compare(needed).enough()) return &entry;
  return nullptr;
}

/// The tracker. Throws FileError, with one list of what is missing or of another shape, where the weights do not fit.
/// Tensors that the tracker does not read do no harm.
inline AnyTracker make(const Entry& entry, const Weights& weights, const Settings& settings) {
  if (entry.needs_weights()) {
    if (weights.empty()) throw Error(concat("zoo: ", entry.name, " needs weights and got none"));
    const auto needed = entry.tensors();
    if (!weights.compare(needed).enough()) weights.require_only(needed);
  }
  return entry.make(entry.name, weights, settings);
}

}  // namespace pursuit::inline v0::zoo
