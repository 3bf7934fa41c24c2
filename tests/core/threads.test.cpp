// SPDX-License-Identifier: MIT
#include <pursuit/core/threads.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <cstddef>
#include <vector>

TEST_CASE("set_threads: is what threads() says afterwards") {
  const int before = pursuit::threads();
  pursuit::set_threads(1);
  CHECK(pursuit::threads() == 1);
#ifdef _OPENMP
  pursuit::set_threads(3);
  CHECK(pursuit::threads() == 3);
#endif
  pursuit::set_threads(before);
}

TEST_CASE("set_threads: refuses counts that make no sense and leaves the old one") {
  const int before = pursuit::threads();
  for (const int n : {0, -1, 1025}) CHECK_THROWS_AS(pursuit::set_threads(n), pursuit::Error);
  CHECK_THROWS_WITH(pursuit::set_threads(0), "set_threads: 0 threads: need 1 to 1024");
  CHECK(pursuit::threads() == before);
}

TEST_CASE("parallel_for: every number once, by workers that there are") {
  for (const int workers : {1, 3})
    for (const std::ptrdiff_t count : {0, 1, 2, 100}) {
      CAPTURE(workers);
      CAPTURE(count);
      std::vector<int> seen(static_cast<std::size_t>(count));
      std::atomic<int> strangers{0};
      pursuit::parallel_for(workers, count, [&](std::ptrdiff_t i, int worker) {
        ++seen[static_cast<std::size_t>(i)];
        if (worker < 0 || worker >= workers) ++strangers;
      });
      CHECK(seen == std::vector<int>(static_cast<std::size_t>(count), 1));
      CHECK(strangers == 0);
    }
  int sum = 0;
  const int before = pursuit::threads();
  pursuit::set_threads(1);
  pursuit::parallel_for(5, [&](std::ptrdiff_t i) { sum += static_cast<int>(i); });
  pursuit::set_threads(before);
  CHECK(sum == 10);
}
