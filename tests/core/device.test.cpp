// SPDX-License-Identifier: MIT
#include <pursuit/core/device.hpp>

#include <doctest/doctest.h>

#include <string_view>

TEST_CASE("Device: tags have the names that the command line knows") {
  CHECK(std::string_view(pursuit::Cpu::name) == "cpu");
  CHECK(std::string_view(pursuit::Cuda::name) == "cuda");
}
