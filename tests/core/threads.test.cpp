// SPDX-License-Identifier: MIT
#include <pursuit/core/threads.hpp>

#include <doctest/doctest.h>

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
