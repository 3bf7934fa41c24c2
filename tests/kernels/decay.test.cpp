// SPDX-License-Identifier: MIT
#include <pursuit/kernels/decay.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

using namespace pursuit;

TEST_CASE_TEMPLATE("decay is the exponential below zero and one above", T, float, double) {
  const T a = T(0.05);
  std::vector<T> x{T(3), T(0), T(-0.0), T(1e-30), T(-1e-30)};
  for (int i = 1; i <= 4000; ++i) x.push_back(T(-0.001) * static_cast<T>(i));
  std::vector<T> y(x.size());
  kernels::decay(x.data(), a, static_cast<Index>(x.size()), y.data());
  for (std::size_t i = 0; i < 4; ++i) CHECK(y[i] == 1);
  for (std::size_t i = 4; i < x.size(); ++i) {
    // The quotient x / a is itself rounded: an error of eps / 2 of it goes into the exponent.
    const double v = static_cast<double>(x[i]) / static_cast<double>(a);
    const double bound = static_cast<double>(std::numeric_limits<T>::epsilon()) * (3 + 2 * std::abs(v));
    CHECK(std::abs(static_cast<double>(y[i]) / std::exp(v) - 1) <= bound);
  }
}

TEST_CASE("decay of what is far below zero is small and finite") {
  std::vector<float> x{-1e9F, -std::numeric_limits<float>::infinity()};
  kernels::decay(x.data(), 0.05F, 2, x.data());
  for (const float v : x) CHECK((v > 0 && v < 1e-37F));
}
