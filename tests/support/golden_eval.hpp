// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/box.hpp>

#include <fstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace test {

/// tests/golden/eval/<name>: made-up results and what the public toolkits say of them.
inline nlohmann::json golden_eval(const std::string& name) {
  std::ifstream in(PURSUIT_SOURCE_DIR "/tests/golden/eval/" + name);
  return nlohmann::json::parse(in);
}

inline std::vector<pursuit::Box> boxes_of(const nlohmann::json& rows) {
  std::vector<pursuit::Box> boxes;
  for (const auto& r : rows) boxes.push_back({r[0], r[1], r[2], r[3]});
  return boxes;
}

}  // namespace test
