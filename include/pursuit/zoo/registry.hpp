// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>
#include <pursuit/io/weights.hpp>
#include <pursuit/track/any_tracker.hpp>
#include <pursuit/zoo/cacf.hpp>
#include <pursuit/zoo/dcf_net.hpp>
#include <pursuit/zoo/siamfc.hpp>

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pursuit::inline v0::zoo {

/// What can be said about any tracker at run time.
struct Settings {
  std::uint64_t seed = 0;  ///< of whatever is random in a tracker; two with the same seed give the same boxes
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

namespace detail {

inline std::vector<TensorSpec> no_tensors() { return {}; }
inline std::vector<TensorSpec> dcf_net_tensors() { return DcfNetFeatures::tensors(); }
inline std::vector<TensorSpec> siamfc_tensors() { return AlexNet<>::tensors(); }

inline AnyTracker make_cacf(std::string_view name, const Weights&, const Settings&) {
  return {std::string(name), Cacf()};
}
inline AnyTracker make_dcf_net(std::string_view name, const Weights& weights, const Settings&) {
  return {std::string(name), DcfNet(weights)};
}
inline AnyTracker make_published_dcf_net(std::string_view name, const Weights& weights, const Settings&) {
  return {std::string(name), DcfNet(weights, DcfNet::published())};
}
inline AnyTracker make_siamfc(std::string_view name, const Weights& weights, const Settings&) {
  return {std::string(name), SiamFC(weights)};
}

}  // namespace detail

/// All trackers that can be named. The first that fits a weight file is the one it is used with.
inline std::span<const Entry> registry() {
  static constexpr std::array<Entry, 4> all{{
      {"cacf", "context-aware correlation filter on HOG, no weights", detail::no_tensors, detail::make_cacf},
      {"dcfnet", "correlation filter on learned features", detail::dcf_net_tensors, detail::make_dcf_net},
      {"siamfc", "fully-convolutional Siamese network, AlexNet", detail::siamfc_tensors, detail::make_siamfc},
      {"dcfnet-published", "dcfnet with the slips of the published code, to compare with it", detail::dcf_net_tensors,
       detail::make_published_dcf_net},
  }};
  return all;
}

/// Throws Error, with the names there are, where there is no such tracker.
inline const Entry& find(std::string_view name) {
  std::string names;
  for (const Entry& entry : registry()) {
    if (entry.name == name) return entry;
    names += (names.empty() ? "" : ", ") + std::string(entry.name);
  }
  throw Error(concat("zoo: there is no tracker \"", name, "\": need one of ", names));
}

/// The tracker whose tensors the weights hold, or nullptr. Random weights and empty ones fit none in particular.
inline const Entry* fitting(const Weights& weights) {
  if (weights.is_random() || weights.empty()) return nullptr;
  for (const Entry& entry : registry())
    if (const auto needed = entry.tensors(); !needed.empty() && weights.compare(needed).enough()) return &entry;
  return nullptr;
}

/// The tracker of that name. Throws Error where there is none, and FileError, with one list of what is missing or of
/// another shape, where the weights do not fit. Tensors that the tracker does not read do no harm.
inline AnyTracker make(std::string_view name, const Weights& weights = {}, const Settings& settings = {}) {
  const Entry& entry = find(name);
  if (entry.needs_weights()) {
    if (weights.empty()) throw Error(concat("zoo: ", name, " needs weights and got none"));
    const auto needed = entry.tensors();
    if (!weights.compare(needed).enough()) weights.require_only(needed);
  }
  return entry.make(name, weights, settings);
}

}  // namespace pursuit::inline v0::zoo
