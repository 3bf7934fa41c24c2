// SPDX-License-Identifier: MIT
#include <pursuit/core/random.hpp>
#include <pursuit/kernels/cpu/arena.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <vector>

using pursuit::kernels::ArenaLayout;

TEST_CASE("ArenaLayout: buffers that live at the same time do not overlap, whatever their sizes and times") {
  struct Wanted {
    std::size_t bytes, first, last;
  };
  pursuit::Random random(3);
  for (int trial = 0; trial < 50; ++trial) {
    ArenaLayout arena;
    std::vector<Wanted> wanted;
    std::size_t sum = 0;
    for (int i = 0; i < 30; ++i) {
      const std::size_t first = random.below(20);
      wanted.push_back({1 + random.below(1000), first, first + random.below(6)});
      CHECK(arena.add(wanted.back().bytes, first, wanted.back().last) == static_cast<std::size_t>(i));
      sum += (wanted.back().bytes + 63) / 64 * 64;
    }
    const std::size_t total = arena.place();
    CHECK(total < sum);  // something was used twice
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      CHECK(arena.offset(i) % 64 == 0);
      CHECK(arena.offset(i) + wanted[i].bytes <= total);
      for (std::size_t j = 0; j < i; ++j) {
        const bool together = wanted[i].first <= wanted[j].last && wanted[j].first <= wanted[i].last;
        const bool overlap =
            arena.offset(i) < arena.offset(j) + wanted[j].bytes && arena.offset(j) < arena.offset(i) + wanted[i].bytes;
        CHECK_FALSE((together && overlap));
      }
    }
  }
}

TEST_CASE("ArenaLayout: a buffer that is used later than thought keeps its place until then") {
  ArenaLayout arena;
  const auto a = arena.add(64, 0, 0), b = arena.add(64, 1, 1);
  arena.extend(a, 1);
  CHECK(arena.place() == 128);
  CHECK(arena.offset(a) != arena.offset(b));
}
