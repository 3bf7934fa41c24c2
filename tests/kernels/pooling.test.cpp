// SPDX-License-Identifier: MIT
#include "random_tensor.hpp"

#include <pursuit/kernels/pooling.hpp>
#include <pursuit/kernels/reference/pooling.hpp>

#include <doctest/doctest.h>

#include <limits>

using namespace pursuit;

namespace {

struct Case {
  Shape<4> x;
  kernels::PoolingOptions options;
};

const Case cases[] = {
    {{2, 3, 9, 11}, {.kernel = 3, .stride = 2}},
    {{1, 5, 8, 6}, {.kernel = 3, .stride = 2}},  // the last column and row are seen by no window
    {{1, 2, 7, 10}, {.kernel = 3, .stride = 1}},
    {{2, 1, 5, 13}, {.kernel = 3, .stride = 2, .padding = 1}},
    {{1, 4, 6, 5}, {.kernel = 5, .stride = 3, .padding = 2}},
    {{1, 1, 4, 4}, {.kernel = 4, .stride = 4}},
};

}  // namespace

TEST_CASE("pooling: the largest value is the plain loop's, bit for bit") {
  for (const Case& c : cases) {
    CAPTURE(concat(c.x));
    const auto x = random_tensor(c.x, 5);
    const Shape<4> shape = kernels::pooling_shape("test", c.x, c.options);
    auto y = make_tensor<float, 4>(shape, std::numeric_limits<float>::quiet_NaN()), expected = y;
    kernels::max_pool(x, c.options, y);
    kernels::reference::max_pool<float>(x, c.options, expected);
    CHECK(y == expected);
  }
}

TEST_CASE("pooling: the mean agrees with the plain loop") {
  for (const Case& c : cases) {
    CAPTURE(concat(c.x));
    const auto x = random_tensor(c.x, 6);
    const Shape<4> shape = kernels::pooling_shape("test", c.x, c.options);
    auto y = make_tensor<float, 4>(shape, std::numeric_limits<float>::quiet_NaN());
    auto expected = make_tensor<double, 4>(shape);
    const auto xd = as_double<4>(x);
    kernels::average_pool(x, c.options, y);
    kernels::reference::average_pool<double>(xd, c.options, expected);
    // A mean of at most 25 numbers below 1.
    CHECK(relative_difference(TensorView<const float, 4>(y), TensorView<const double, 4>(expected)) < 2e-6);
  }
}

TEST_CASE("pooling: padding is never the largest value and does not count in a mean") {
  const auto x = make_tensor<float, 4>({1, 1, 3, 3}, -2.0F);
  auto y = make_tensor<float, 4>({1, 1, 2, 2});
  kernels::max_pool(x, {.kernel = 3, .stride = 2, .padding = 1}, y);
  CHECK(y(0, 0, 0, 0) == -2.0F);
  kernels::average_pool(x, {.kernel = 3, .stride = 2, .padding = 1}, y);
  CHECK(y(0, 0, 1, 1) == -2.0F);
}

TEST_CASE("pooling: a window that sees nothing is refused") {
  CHECK_THROWS_AS(kernels::pooling_shape("test", {1, 1, 2, 9}, {.kernel = 3, .stride = 2}), ShapeError);
  CHECK_THROWS_AS(kernels::pooling_shape("test", {1, 1, 9, 9}, {.kernel = 3, .stride = 2, .padding = 2}), ShapeError);
}
