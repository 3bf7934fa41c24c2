// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/track/any_tracker.hpp>
#include <pursuit/zoo/entry.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pursuit::test {

/// zoo::registry(), whose trackers are compiled once for all tests.
std::span<const zoo::Entry> registry();

/// The names of every tracker there is, but for "-published", "-otb" and "-vot", which are other settings of a plain
/// one. A tracker that is added to the registry is tested without a line here.
const std::vector<std::string>& trackers();

/// A tracker by name; where it needs weights, random ones (published ones for NanoTrack where they are at hand), and
/// the largest networks narrowed. Networks are compiled once, this gives copies. Sets the calling thread to one core,
/// so that tests run side by side.
AnyTracker make(std::string_view name);

/// Whether a target can be expected to be followed by make(name): not where boxes come from a trained network and there
/// are only random weights.
bool follows(std::string_view name);

/// How many of `n` frames a test runs the tracker for: all for one without a network, every fiftieth for the others;
/// under sanitizers a tenth of that. With PURSUIT_TEST_FULL=1 in the environment, all.
int frames(std::string_view name, int n);

}  // namespace pursuit::test
