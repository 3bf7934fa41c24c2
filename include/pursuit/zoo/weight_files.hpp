// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace pursuit::inline v0::zoo {

/// Where weights of named trackers are looked for: the folders of the environment variable PURSUIT_WEIGHTS (with ':'
/// between them), then those that the caller knows of.
inline std::vector<std::filesystem::path> weight_folders(std::initializer_list<std::filesystem::path> more = {}) {
  std::vector<std::filesystem::path> folders;
  if (const char* named = std::getenv("PURSUIT_WEIGHTS"); named != nullptr) {
    std::string_view rest(named);
    while (!rest.empty()) {
      const std::string_view one = rest.substr(0, rest.find(':'));
      if (!one.empty()) folders.emplace_back(one);
      rest.remove_prefix(std::min(one.size() + 1, rest.size()));
    }
  }
  folders.insert(folders.end(), more.begin(), more.end());
  return folders;
}

/// The first folder's file TRACKER.safetensors, or nothing where no folder has one.
inline std::optional<std::filesystem::path> find_weights(std::string_view tracker,
                                                         const std::vector<std::filesystem::path>& folders) {
  for (const auto& folder : folders) {
    auto file = folder / concat(tracker, ".safetensors");
    if (std::error_code problem; std::filesystem::is_regular_file(file, problem)) return file;
  }
  return std::nullopt;
}

}  // namespace pursuit::inline v0::zoo
