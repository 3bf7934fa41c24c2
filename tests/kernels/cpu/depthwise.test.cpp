// SPDX-License-Identifier: MIT
#include "checked_kernel.hpp"

#include <pursuit/kernels/cpu/depthwise.hpp>

#include <doctest/doctest.h>

using namespace pursuit;
using kernels::Activation;
using kernels::Depthwise;

namespace {

struct Case {
  const char* name;
  Shape<4> x;
  int kernel, stride, padding;
  Activation activation;
  bool bias;
};

const Case cases[] = {
    {"3 x 3, odd width", {1, 96, 15, 15}, 3, 1, 1, Activation::relu6, true},
    {"3 x 3 in steps of two, channels that fill no block", {2, 21, 18, 17}, 3, 2, 1, Activation::relu, true},
    {"3 x 3 without padding, in steps of two", {1, 8, 19, 20}, 3, 2, 0, Activation::none, true},
    {"5 x 5", {2, 16, 9, 16}, 5, 1, 2, Activation::hard_swish, true},
    {"5 x 5 in steps of two", {1, 24, 32, 31}, 5, 2, 2, Activation::none, false},
    {"5 x 5 without padding", {1, 24, 9, 29}, 5, 1, 0, Activation::none, true},
    {"5 x 5, an image smaller than the kernel", {1, 8, 3, 2}, 5, 1, 2, Activation::none, true},
    {"4 x 4 with a margin", {1, 96, 16, 16}, 4, 1, 1, Activation::none, false},
    {"2 x 2", {1, 13, 16, 16}, 2, 1, 0, Activation::relu6, true},
    {"7 x 7, few outputs", {1, 8, 7, 9}, 7, 1, 0, Activation::none, true},
    {"1 x 1", {1, 12, 5, 9}, 1, 1, 0, Activation::none, true},
};

}  // namespace

TEST_CASE("Depthwise: agrees with the plain loop in double, with any number of threads") {
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const Shape<4> w_shape{c.x[1], 1, c.kernel, c.kernel};
    const kernels::ConvolutionOptions options{
        .stride = c.stride, .padding = c.padding, .groups = static_cast<int>(c.x[1])};
    REQUIRE(Depthwise::fits(w_shape, options));
    auto x = random_tensor(c.x, 1);
    const auto w = random_tensor(w_shape, 2);
    x *= 3.0F;  // so that both bends of the activations are met
    const auto bias = c.bias ? random_tensor<1>({c.x[1]}, 3) : Tensor<float, 1>();
    check_kernel<Depthwise>(x, in_blocks(x).data(), w, bias, options, c.activation, 49);
  }
}

TEST_CASE("Depthwise: says which convolutions it can do") {
  CHECK(Depthwise::fits({24, 1, 5, 5}, {.stride = 2, .padding = 2, .groups = 24}));
  CHECK_FALSE(Depthwise::fits({24, 1, 5, 5}, {.stride = 3, .groups = 24}));
  CHECK_FALSE(Depthwise::fits({24, 1, 5, 3}, {.groups = 24}));
  CHECK_FALSE(Depthwise::fits({48, 1, 5, 5}, {.groups = 24}));
  CHECK_FALSE(Depthwise::fits({24, 2, 5, 5}, {.groups = 12}));
  CHECK_FALSE(Depthwise::fits({24, 1, 9, 9}, {.groups = 24}));
  CHECK_FALSE(Depthwise::fits({24, 1, 3, 3}, {.padding = 3, .groups = 24}));
  CHECK_FALSE(Depthwise::fits({24, 1, 3, 3}, {.dilation = 2, .groups = 24}));
}
