// SPDX-License-Identifier: MIT
#include "../backbone/golden_input.hpp"

#include <pursuit/core/random.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/kernels/roi_pool.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

using namespace pursuit;

TEST_CASE_TEMPLATE("roi_pool: gives what torchvision gives, forth and back", T, float, double) {
  const Weights file = golden("roi.safetensors");
  auto x = make_tensor<T, 3>({2, 9, 7});
  auto dy = make_tensor<T, 4>({6, 2, 3, 2}), y = dy;
  Random of_x(11), of_dy(13);
  for (T& v : x) v = static_cast<T>(of_x.uniform());
  for (T& v : dy) v = static_cast<T>(of_dy.uniform());
  const Tensor<T, 2> boxes(file.get<2>("boxes", {6, 4}));
  auto from = make_tensor<Index, 4>({6, 2, 3, 2});
  auto dx = make_tensor<T, 3>({2, 9, 7});
  kernels::roi_pool<T>(x, boxes, {3, 2, 0.125}, y, from);
  kernels::roi_pool_backward<T>(dy, from, dx);
  const auto expected = file.get<4>("pool.y", {6, 2, 3, 2});
  const auto slope = file.get<3>("pool.dx", {2, 9, 7});
  for (std::size_t i = 0; i < y.size(); ++i)
    CHECK(static_cast<double>(y.data()[i]) == doctest::Approx(static_cast<double>(expected.data()[i])).epsilon(1e-6));
  for (std::size_t i = 0; i < dx.size(); ++i)
    CHECK(static_cast<double>(dx.data()[i]) == doctest::Approx(static_cast<double>(slope.data()[i])).epsilon(1e-6));
}

TEST_CASE("roi_pool: bins without cells and boxes that are none") {
  auto x = make_tensor<float, 3>({1, 4, 4}, -2.0F);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> corners{-9, -9, -5, -5, nan, 0, 3, 3, 1, 1, 1, 1, 0, 0, 1e30F, 3};
  const TensorView<const float, 2> boxes(corners.data(), {4, 4});
  auto y = make_tensor<float, 4>({4, 1, 2, 2}, 5.0F);
  auto from = make_tensor<Index, 4>({4, 1, 2, 2});
  kernels::roi_pool<float>(x, boxes, {2, 2, 1}, y, from);
  for (Index b = 0; b < 8; ++b) {
    CHECK(y.data()[b] == 0);
    CHECK(from.data()[b] == -1);
  }
  for (Index b = 8; b < 12; ++b) CHECK(from.data()[b] == 5);  // all four bins see the one cell
  auto dx = make_tensor<float, 3>({1, 4, 4});
  kernels::roi_pool_backward<float>(y, from, dx);
  CHECK(dx(0, 1, 1) == -8);
  CHECK_THROWS_AS(kernels::roi_pool<float>(x, boxes, {2, 1, 1}, y, from), ShapeError);
}
