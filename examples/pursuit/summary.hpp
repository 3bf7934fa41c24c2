// SPDX-License-Identifier: MIT
#pragma once

#include "result_files.hpp"

#include <pursuit/data/dataset.hpp>
#include <pursuit/eval/ope.hpp>
#include <pursuit/eval/vot.hpp>

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

/// What numbers are computed, and from what.
struct ScoringOptions {
  Protocol protocol = Protocol::ope;
  bool got10k = false;          ///< results and scores of GOT-10k
  std::size_t repetitions = 1;  ///< that are looked for
  pursuit::Convention convention = pursuit::Convention::got10k;
  pursuit::VotOptions vot{};
};

/// A sequence that was opened, with what is needed to score it.
struct ScoredSequence {
  pursuit::DatasetEntry entry;
  pursuit::Sequence sequence;
};

/// All numbers of one tracker from its result files: the object `trackers.NAME` of summary.json. A sequence without
/// results, or whose results cannot be read, is left out and stands in `failed` with the reason.
nlohmann::ordered_json score_tracker(const ResultFiles& files, const std::vector<ScoredSequence>& sequences,
                                     const ScoringOptions& options, std::map<std::string, std::string>& failed);

/// A table of the summary for people.
std::string summary_table(const nlohmann::ordered_json& summary);
