// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/track.hpp>
#include <pursuit/eval/ope.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

/// Everything that one run of a tracker over one video gave.
struct RunRecord {
  std::string tracker;
  std::string source;
  std::vector<pursuit::Track> tracks;                  ///< one a frame; the first holds the box that was given
  std::vector<pursuit::Box> truth;                     ///< one a frame, or empty
  std::vector<double> update_ms;                       ///< one a frame after the first, decoding excluded
  std::vector<std::pair<std::string, double>> stages;  ///< mean ms a frame
  double init_ms = 0;
  std::optional<pursuit::OpeScore> score;  ///< where the truth says more than the first box

  double mean_ms() const;
  double median_ms() const;
  double max_ms() const;
  double fps() const;  ///< 0 where only one frame was seen

  /// The object of `track --json`.
  std::string json() const;
  /// For people.
  std::string text() const;
};
