// SPDX-License-Identifier: MIT
#include "named_trackers.hpp"

#include "commands.hpp"

#include <pursuit/zoo/registry.hpp>
#include <pursuit/zoo/weight_files.hpp>

#include <algorithm>
#include <string_view>

namespace {

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    if (end > begin) parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

}  // namespace

std::span<const pursuit::zoo::Entry> known_trackers() { return pursuit::zoo::registry(); }

std::string tracker_names() {
  std::string names;
  for (const auto& entry : known_trackers()) names += (names.empty() ? "" : ", ") + std::string(entry.name);
  return names;
}

const pursuit::zoo::Entry& known_tracker(const std::string& name) {
  for (const auto& entry : known_trackers())
    if (entry.name == name) return entry;
  throw UsageError("--tracker " + name + ": need one of " + tracker_names());
}

std::string weights_at_hand(const pursuit::zoo::Entry& entry) {
  const auto file = pursuit::zoo::find_weights(entry.name, pursuit::zoo::weight_folders({PURSUIT_PROGRAM_WEIGHTS}));
  if (!file)
    throw UsageError("--tracker " + std::string(entry.name) +
                     " needs --weights FILE, or random:SEED to time it; there is none in the folders of PURSUIT_WEIGHTS"
                     " nor among those that come with the program");
  return file->string();
}

pursuit::Weights open_weights(const std::string& text) {
  if (text.empty()) return {};
  constexpr std::string_view random = "random:";
  if (!text.starts_with(random)) return pursuit::Weights::load(text);
  const std::string digits = text.substr(random.size());
  if (digits.empty() || digits.size() > 19 || digits.find_first_not_of("0123456789") != std::string::npos)
    throw UsageError("--weights " + text + ": need random: and a whole number, for example random:7");
  return pursuit::Weights::random(std::stoull(digits));
}

std::vector<NamedTracker> make_trackers(const std::string& names, const std::string& weights, std::uint64_t seed,
                                        pursuit::Precision precision) {
  std::vector<NamedTracker> trackers;
  std::vector<std::string> files = split(weights);
  for (const std::string& name : split(names)) {
    const pursuit::zoo::Entry& entry = known_tracker(name);
    if (std::any_of(trackers.begin(), trackers.end(), [&](const NamedTracker& t) { return t.name == name; }))
      throw UsageError("--tracker " + name + ": named twice");
    std::string file;
    if (entry.needs_weights()) {
      auto mine = std::find_if(files.begin(), files.end(), [&](const auto& f) { return f.starts_with(name + "="); });
      if (mine != files.end()) {
        file = mine->substr(name.size() + 1);
      } else {
        mine = std::find_if(files.begin(), files.end(), [](const auto& f) { return f.find('=') == f.npos; });
        file = mine == files.end() ? weights_at_hand(entry) : *mine;
      }
      if (mine != files.end()) files.erase(mine);
    }
    trackers.push_back({name, file, make(entry, open_weights(file), {.seed = seed, .precision = precision})});
  }
  if (trackers.empty()) throw UsageError("--tracker: need the name of a tracker");
  if (!files.empty()) throw UsageError("--weights " + files[0] + ": no tracker that is named needs them");
  return trackers;
}
