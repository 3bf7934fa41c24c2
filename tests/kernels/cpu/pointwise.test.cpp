// SPDX-License-Identifier: MIT
#include "checked_kernel.hpp"

#include <pursuit/kernels/cpu/pointwise.hpp>

#include <doctest/doctest.h>

#include <limits>

using namespace pursuit;
using kernels::Activation;
using kernels::Pointwise;

namespace {

struct Case {
  const char* name;
  Shape<4> x;
  Index outputs;
  Activation activation;
  bool bias, residual;
};

const Case cases[] = {
    {"one block, fewer cells than a pass", {1, 8, 1, 3}, 8, Activation::none, true, false},
    {"channels that fill no block", {2, 11, 5, 7}, 13, Activation::hard_swish, true, true},
    {"panels of two and three blocks", {1, 40, 15, 15}, 40, Activation::relu6, true, false},
    {"panels of two blocks, two images", {2, 24, 9, 4}, 64, Activation::relu, true, true},
    {"more cells than one item of work", {1, 16, 20, 20}, 72, Activation::hard_swish, true, false},
    {"one cell, no bias", {3, 33, 1, 1}, 20, Activation::none, false, true},
    {"two outputs", {1, 96, 15, 15}, 2, Activation::none, true, false},
};

}  // namespace

TEST_CASE("Pointwise: agrees with the plain loop in double") {
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const Shape<4> w_shape{c.outputs, c.x[1], 1, 1};
    REQUIRE(Pointwise::fits(w_shape, {}));
    auto x = random_tensor(c.x, 1), w = random_tensor(w_shape, 2);
    x *= 3.0F;  // so that both bends of the activations are met
    Tensor<float, 1> bias;
    if (c.bias) bias = random_tensor<1>({c.outputs}, 3);
    const Pointwise kernel(c.x, w_shape, {}, c.activation);
    Tensor<float, 4> residual;
    if (c.residual) residual = random_tensor(kernel.output_shape(), 4);
    const auto expected = expected_convolution(x, w, bias, {}, residual, c.activation);

    const auto packed = packed_weights<Pointwise>(w, bias);
    const auto in = in_blocks(x, std::numeric_limits<float>::quiet_NaN());  // what fills up the last block is not read
    auto out = unwritten_blocks(kernel.output_shape());
    const auto added = c.residual ? in_blocks(residual) : AlignedVector<float>();
    kernel.run(in.data(), packed.data(), c.residual ? added.data() : nullptr, out.data());
    check_blocks(out, expected, 96);
  }
}

TEST_CASE("Pointwise: says which convolutions it can do") {
  CHECK(Pointwise::fits({3, 5, 1, 1}, {}));
  CHECK_FALSE(Pointwise::fits({3, 5, 1, 2}, {}));
  CHECK_FALSE(Pointwise::fits({3, 5, 1, 1}, {.stride = 2}));
  CHECK_FALSE(Pointwise::fits({3, 5, 1, 1}, {.padding = 1}));
  CHECK_FALSE(Pointwise::fits({4, 5, 1, 1}, {.groups = 2}));
}
