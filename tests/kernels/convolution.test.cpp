// SPDX-License-Identifier: MIT
#include "random_tensor.hpp"

#include <pursuit/kernels/convolution.hpp>
#include <pursuit/kernels/reference/convolution.hpp>

#include <doctest/doctest.h>

#include <support/compiled_networks.hpp>

#include <limits>

using namespace pursuit;

namespace {

struct Case {
  const char* name;
  Shape<4> x, w;
  kernels::ConvolutionOptions options;
  bool bias;
};

const Case cases[] = {
    {"dense 3 x 3", {2, 8, 9, 11}, {16, 8, 3, 3}, {}, true},
    {"channels that fill no block", {1, 5, 7, 10}, {3, 5, 3, 3}, {.padding = 1}, true},
    {"the first layer of SiamFC, narrow", {1, 3, 31, 29}, {8, 3, 11, 11}, {.stride = 2}, true},
    {"two groups, no bias", {3, 12, 8, 7}, {10, 6, 5, 5}, {.groups = 2}, false},
    {"each channel for itself", {2, 9, 12, 6}, {9, 1, 3, 3}, {.stride = 2, .padding = 1, .groups = 9}, true},
    {"dilated", {1, 8, 13, 14}, {8, 8, 3, 3}, {.padding = 2, .dilation = 2}, true},
    {"a kernel that is not square", {1, 4, 6, 9}, {7, 4, 2, 5}, {.stride = 3}, true},
    {"1 x 1", {2, 17, 5, 3}, {6, 17, 1, 1}, {}, false},
    {"same size, 3 x 3", {1, 8, 6, 9}, {16, 8, 3, 3}, {.same = true}, true},
    {"half the size, few planes", {1, 3, 10, 7}, {9, 3, 3, 3}, {.stride = 2, .same = true}, true},
    {"half the size, each channel for itself",
     {2, 9, 12, 7},
     {9, 1, 3, 3},
     {.stride = 2, .groups = 9, .same = true},
     true},
    {"half the size, dense", {1, 8, 7, 12}, {9, 8, 4, 4}, {.stride = 2, .same = true}, true},
    {"a third of the size, dilated", {1, 8, 13, 14}, {9, 8, 3, 3}, {.stride = 3, .dilation = 2, .same = true}, false},
};

}  // namespace

TEST_CASE("convolution: agrees with the plain loop in double") {
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const auto x = random_tensor(c.x, 1), w = random_tensor(c.w, 2);
    const auto bias = random_tensor<1>({c.bias ? c.w[0] : 0}, 3);
    const Shape<4> shape = kernels::convolution_shape("test", c.x, c.w, c.options);
    auto y = make_tensor<float, 4>(shape, std::numeric_limits<float>::quiet_NaN());
    kernels::convolution(TensorView<const float, 4>(x), TensorView<const float, 4>(w),
                         c.bias ? TensorView<const float, 1>(bias) : TensorView<const float, 1>(), c.options,
                         TensorView<float, 4>(y));

    const auto xd = as_double<4>(x), wd = as_double<4>(w);
    const auto bd = as_double<1>(bias);
    auto expected = make_tensor<double, 4>(shape);
    kernels::reference::convolution<double>(
        xd, wd, c.bias ? TensorView<const double, 1>(bd) : TensorView<const double, 1>(), c.options, expected);
    // Rounding of a sum of `taps` terms grows like its square root; 4 epsilon leaves room for the order.
    const double taps = static_cast<double>(c.w[1] * c.w[2] * c.w[3]);
    CHECK(relative_difference(TensorView<const float, 4>(y), TensorView<const double, 4>(expected)) <
          4 * std::sqrt(taps) * std::numeric_limits<float>::epsilon());
  }
}

TEST_CASE("convolution: shapes that do not fit are named") {
  const auto x = make_tensor<float, 4>({1, 4, 5, 5}), w = make_tensor<float, 4>({6, 3, 3, 3});
  auto y = make_tensor<float, 4>({1, 6, 3, 3});
  const auto run = [&] { kernels::convolution(x, w, {}, {}, y); };
  CHECK_THROWS_WITH_AS(run(), doctest::Contains("(1,4,5,5) does not fit weights (6,3,3,3)"), ShapeError);
  CHECK_THROWS_AS(kernels::convolution_shape("test", {1, 3, 2, 5}, {6, 3, 3, 3}, {}), ShapeError);
  CHECK_THROWS_AS(kernels::convolution_shape("test", {1, 3, 5, 5}, {6, 3, 3, 3}, {.stride = 0}), ShapeError);
  // Even sizes get one row of zeros at the end, odd ones one at either end.
  CHECK(kernels::padding_of(8, 3, {.stride = 2, .same = true}).before == 0);
  CHECK(kernels::padding_of(8, 3, {.stride = 2, .same = true}).after == 1);
  CHECK(kernels::padding_of(9, 3, {.stride = 2, .same = true}).before == 1);
  // Padding makes room.
  CHECK(kernels::convolution_shape("test", {1, 3, 2, 5}, {6, 3, 3, 3}, {.padding = 1}) == Shape<4>{1, 6, 2, 5});
}
