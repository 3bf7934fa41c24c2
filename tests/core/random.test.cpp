// SPDX-License-Identifier: MIT
#include <pursuit/core/random.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cmath>

using pursuit::Random;

TEST_CASE("Random: the published first numbers of SplitMix64") {
  // The reference sequence for seed 1234567, as printed by the generator's authors' C code.
  Random r(1234567);
  CHECK(r.next() == 6457827717110365317ULL);
  CHECK(r.next() == 3203168211198807973ULL);
  CHECK(r.next() == 9817491932198370423ULL);
  CHECK(r.next() == 4593380528125082431ULL);
}

TEST_CASE("Random: same seed, same numbers; other seed, other numbers") {
  Random a(5), b(5), c(6);
  for (int i = 0; i < 100; ++i) CHECK(a.next() == b.next());
  CHECK(a.next() != c.next());
}

TEST_CASE("Random: uniform() lies in [0, 1) with the moments of the uniform distribution") {
  Random r(1);
  const int n = 100000;
  double sum = 0, squares = 0;
  for (int i = 0; i < n; ++i) {
    const double u = r.uniform();
    REQUIRE(u >= 0);
    REQUIRE(u < 1);
    sum += u, squares += u * u;
  }
  // Five standard errors: sqrt(1/12/n) = 0.0009 and sqrt(4/45/n) = 0.0009.
  CHECK(std::abs(sum / n - 0.5) < 0.0046);
  CHECK(std::abs(squares / n - 1.0 / 3) < 0.0047);
}

TEST_CASE("Random: uniform(low, high) and below(n) keep their ranges and reach all of them") {
  Random r(2);
  std::array<int, 7> count{};
  for (int i = 0; i < 7000; ++i) {
    const double u = r.uniform(-3, -1);
    REQUIRE(u >= -3);
    REQUIRE(u < -1);
    const auto k = r.below(7);
    REQUIRE(k < 7);
    ++count[k];
  }
  // Binomial with mean 1000 and standard deviation 29: five of them.
  for (const int c : count) CHECK(std::abs(c - 1000) < 146);
  CHECK(r.below(1) == 0);
}

TEST_CASE("Random: normal() has mean 0, variance 1 and the tails of a Gaussian") {
  Random r(3);
  const int n = 100000;
  double sum = 0, squares = 0;
  int far = 0;
  for (int i = 0; i < n; ++i) {
    const double v = r.normal();
    REQUIRE(std::isfinite(v));
    sum += v, squares += v * v, far += std::abs(v) > 2;
  }
  CHECK(std::abs(sum / n) < 0.016);                    // 5 / sqrt(n)
  CHECK(std::abs(squares / n - 1) < 0.023);            // 5 sqrt(2/n)
  CHECK(std::abs(far / double(n) - 0.0455) < 0.0033);  // 5 standard errors of P(|v| > 2)
}

TEST_CASE("Random: fork() depends on the name and the state, and leaves the generator as it was") {
  Random a(9);
  const auto one = a.fork("conv1.weight").next();
  CHECK(one == a.fork("conv1.weight").next());
  CHECK(one != a.fork("conv2.weight").next());
  CHECK(one != Random(10).fork("conv1.weight").next());
  CHECK(a.next() == Random(9).next());
  CHECK(one != a.fork("conv1.weight").next());
}
