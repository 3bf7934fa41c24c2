// SPDX-License-Identifier: MIT
#include "random_tensor.hpp"

#include <pursuit/kernels/lrn.hpp>
#include <pursuit/kernels/reference/lrn.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace pursuit;

TEST_CASE("lrn: agrees with the plain loop in double") {
  const kernels::LrnOptions published{}, strong{.size = 3, .alpha = 2, .beta = 0.5F, .k = 0.5F};
  for (const auto& options : {published, strong})
    for (const Shape<4> shape : {Shape<4>{2, 32, 7, 9}, Shape<4>{1, 3, 13, 11}, Shape<4>{3, 1, 5, 1}}) {
      CAPTURE(concat(shape));
      auto x = random_tensor(shape, 8);
      for (float& value : x) value *= 100;  // DCFNet's features are large enough to be changed
      auto y = make_tensor<float, 4>(shape, std::numeric_limits<float>::quiet_NaN());
      auto expected = make_tensor<double, 4>(shape);
      const auto xd = as_double<4>(x);
      kernels::lrn(x, options, y);
      kernels::reference::lrn<double>(xd, options, expected);
      // alpha is stored as a float in the options: a few epsilon.
      CHECK(relative_difference(TensorView<const float, 4>(y), TensorView<const double, 4>(expected)) < 1e-6);
    }
}

TEST_CASE("lrn: one channel by hand") {
  auto x = make_tensor<float, 4>({1, 1, 1, 1}, 3.0F);
  auto y = x;
  kernels::lrn(x, {.size = 5, .alpha = 5, .beta = 0.75F, .k = 7}, y);
  CHECK(y(0, 0, 0, 0) == doctest::Approx(3.0 / 8).epsilon(1e-6));  // (7 + 5/5 * 9)^0.75 = 8
}
