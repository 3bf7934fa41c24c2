// SPDX-License-Identifier: MIT
#include "trackers.hpp"

#include <pursuit/core/threads.hpp>
#include <pursuit/zoo/registry.hpp>

#include <algorithm>
#include <cstdlib>
#include <map>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define PURSUIT_TEST_IS_SLOW
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define PURSUIT_TEST_IS_SLOW
#endif
#endif

namespace pursuit::test {

const std::vector<std::string>& trackers() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const zoo::Entry& entry : zoo::registry())
      if (!entry.name.ends_with("-published")) all.emplace_back(entry.name);
    return all;
  }();
  return names;
}

AnyTracker make(std::string_view name) {
  set_threads(1);
  static std::map<std::string, AnyTracker, std::less<>> made;
  auto found = made.find(name);
  if (found == made.end()) found = made.emplace(name, zoo::make(name, Weights::random(7))).first;
  return found->second;
}

int frames(std::string_view name, int n) {
  if (const char* full = std::getenv("PURSUIT_TEST_FULL"); full != nullptr && std::string_view(full) == "1") return n;
  int factor = zoo::find(name).needs_weights() ? 50 : 1;
#ifdef PURSUIT_TEST_IS_SLOW
  factor *= 10;
#endif
  return std::max(n / factor, 3);
}

}  // namespace pursuit::test
