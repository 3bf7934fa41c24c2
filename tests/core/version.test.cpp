// SPDX-License-Identifier: MIT
#include <pursuit/core/box.hpp>
#include <pursuit/core/version.hpp>

#include <doctest/doctest.h>

#include <string>
#include <type_traits>

TEST_CASE("version: the string is made of the three numbers") {
  const std::string numbers = std::to_string(PURSUIT_VERSION_MAJOR) + "." + std::to_string(PURSUIT_VERSION_MINOR) +
                              "." + std::to_string(PURSUIT_VERSION_PATCH);
  CHECK(numbers == PURSUIT_VERSION_STRING);
  CHECK(numbers == pursuit::version);
}

TEST_CASE("version: the inline namespace is named after the major version") {
  static_assert(PURSUIT_VERSION_MAJOR == 0);
  static_assert(std::is_same_v<pursuit::Box, pursuit::v0::Box>);
}
