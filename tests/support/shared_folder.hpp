// SPDX-License-Identifier: MIT
#pragma once

#include <cstdlib>
#include <filesystem>

namespace test {

/// Where data sets and published weights lie that a test may use where they are: PURSUIT_SHARED of the environment,
/// else the folder `shared` beside the source.
inline std::filesystem::path shared_folder() {
  const char* set = std::getenv("PURSUIT_SHARED");
  return set != nullptr ? set : PURSUIT_SOURCE_DIR "/../shared";
}

}  // namespace test
