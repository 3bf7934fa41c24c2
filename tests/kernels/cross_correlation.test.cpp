// SPDX-License-Identifier: MIT
#include "random_tensor.hpp"

#include <pursuit/kernels/cross_correlation.hpp>
#include <pursuit/kernels/reference/cross_correlation.hpp>

#include <doctest/doctest.h>

#include <limits>

using namespace pursuit;

TEST_CASE("cross_correlation: agrees with the plain loop in double") {
  struct Case {
    Shape<4> z, x;
  };
  const Case cases[] = {
      {{1, 8, 6, 6}, {3, 8, 22, 22}},  // SiamFC's sizes
      {{1, 5, 3, 4}, {2, 5, 7, 27}},   // 24 columns: whole blocks
      {{1, 3, 1, 1}, {1, 3, 4, 5}},
      {{1, 7, 5, 2}, {1, 7, 5, 2}},  // one response
  };
  for (const Case& c : cases) {
    CAPTURE(concat(c.x));
    const auto z = random_tensor(c.z, 1), x = random_tensor(c.x, 2);
    const Shape<3> shape{c.x[0], c.x[2] - c.z[2] + 1, c.x[3] - c.z[3] + 1};
    auto y = make_tensor<float, 3>(shape, std::numeric_limits<float>::quiet_NaN());
    auto expected = make_tensor<double, 3>(shape);
    const auto zd = as_double<4>(z), xd = as_double<4>(x);
    kernels::cross_correlation(z, x, y, 0.5F);
    kernels::reference::cross_correlation<double>(zd, xd, expected, 0.5);
    // Sums of at most 288 terms.
    CHECK(relative_difference(TensorView<const float, 3>(y), TensorView<const double, 3>(expected)) < 5e-6);
  }
}

TEST_CASE("cross_correlation: a shifted search map gives a shifted response") {
  const auto z = random_tensor<4>({1, 4, 3, 3}, 3), x = random_tensor<4>({1, 4, 9, 12}, 4);
  auto moved = make_tensor<float, 4>({1, 4, 9, 12});
  for (int c = 0; c < 4; ++c)
    for (int i = 0; i < 9; ++i)
      for (int j = 1; j < 12; ++j) moved(0, c, i, j) = x(0, c, i, j - 1);
  auto y = make_tensor<float, 3>({1, 7, 10}), y_moved = y;
  kernels::cross_correlation(z, x, y, 1);
  kernels::cross_correlation(z, moved, y_moved, 1);
  for (int i = 0; i < 7; ++i)
    for (int j = 1; j < 10; ++j) CHECK(y_moved(0, i, j) == doctest::Approx(y(0, i, j - 1)).epsilon(1e-5));
}

TEST_CASE("cross_correlation: an exemplar that does not fit is named") {
  const auto z = make_tensor<float, 4>({1, 4, 6, 6}), x = make_tensor<float, 4>({1, 4, 5, 22});
  auto y = make_tensor<float, 3>({1, 1, 17});
  const auto run = [&] { kernels::cross_correlation(z, x, y, 1); };
  CHECK_THROWS_WITH_AS(run(), doctest::Contains("exemplar (1,4,6,6) does not fit search (1,4,5,22)"), ShapeError);
}
