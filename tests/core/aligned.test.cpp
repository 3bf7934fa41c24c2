// SPDX-License-Identifier: MIT
#include <pursuit/core/aligned.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <new>

TEST_CASE("AlignedVector: begins on a 64-byte border, whatever its size and element") {
  for (std::size_t n = 1; n < 200; n += 17) {
    CHECK(reinterpret_cast<std::uintptr_t>(pursuit::AlignedVector<char>(n).data()) % 64 == 0);
    CHECK(reinterpret_cast<std::uintptr_t>(pursuit::AlignedVector<double>(n).data()) % 64 == 0);
  }
}

TEST_CASE("AlignedAllocator: a size that overflows is refused") {
  pursuit::AlignedAllocator<double> a;
  CHECK_THROWS_AS(static_cast<void>(a.allocate(std::numeric_limits<std::size_t>::max() / 8 + 1)),
                  std::bad_array_new_length);
}
