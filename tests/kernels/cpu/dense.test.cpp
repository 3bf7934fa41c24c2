// SPDX-License-Identifier: MIT
#include "checked_kernel.hpp"

#include <pursuit/kernels/cpu/dense.hpp>

#include <doctest/doctest.h>

#include <limits>

using namespace pursuit;
using kernels::Activation;
using kernels::ConvolutionOptions;
using kernels::Dense;

namespace {

struct Case {
  const char* name;
  Shape<4> x, w;
  ConvolutionOptions options;
  Activation activation;
  bool bias, residual;
};

const Case cases[] = {
    {"3 x 3 with stride 2",
     {1, 16, 17, 14},
     {24, 16, 3, 3},
     {.stride = 2, .padding = 1},
     Activation::relu,
     true,
     false},
    {"1 x 3 with stride 2, two images", {2, 40, 9, 11}, {32, 40, 1, 3}, {.stride = 2}, Activation::none, true, true},
    {"channels that fill no block", {1, 11, 8, 7}, {13, 11, 3, 3}, {.padding = 1}, Activation::hard_swish, true, true},
    {"more channels than one pass", {1, 56, 6, 10}, {16, 56, 3, 3}, {.padding = 1}, Activation::relu6, true, true},
    {"more rows than one part",
     {1, 8, 71, 5},
     {8, 8, 3, 3},
     {.stride = 2, .padding = 1},
     Activation::relu,
     true,
     false},
    {"an uneven kernel, no padding", {1, 24, 8, 9}, {20, 24, 2, 4}, {}, Activation::none, false, false},
    {"dilation",
     {1, 8, 13, 12},
     {8, 8, 3, 3},
     {.stride = 2, .padding = 2, .dilation = 2},
     Activation::relu,
     true,
     true},
    {"TensorFlow's padding", {1, 8, 12, 9}, {8, 8, 3, 3}, {.stride = 2, .same = true}, Activation::relu6, true, false},
    {"one output", {1, 16, 6, 6}, {10, 16, 6, 6}, {}, Activation::none, true, false},
};

}  // namespace

TEST_CASE("Dense: agrees with the plain loop in double") {
  for (const Case& c : cases) {
    CAPTURE(c.name);
    REQUIRE(Dense::fits(c.w, c.options));
    auto x = random_tensor(c.x, 1), w = random_tensor(c.w, 2);
    Tensor<float, 1> bias;
    if (c.bias) bias = random_tensor<1>({c.w[0]}, 3);
    const Dense kernel(c.x, c.w, c.options, c.activation);
    Tensor<float, 4> residual;
    if (c.residual) residual = random_tensor(kernel.output_shape(), 4);
    const auto expected = expected_convolution(x, w, bias, c.options, residual, c.activation);

    const auto packed = packed_weights<Dense>(w, bias);
    const auto in = in_blocks(x, std::numeric_limits<float>::quiet_NaN());  // what fills up the last block is not read
    auto scratch = unwritten_scratch(kernel), out = unwritten_blocks(kernel.output_shape());
    const auto added = c.residual ? in_blocks(residual) : AlignedVector<float>();
    kernel.run(in.data(), packed.data(), c.residual ? added.data() : nullptr, out.data(), scratch.data());
    check_blocks(out, expected, 576);
  }
}

TEST_CASE("Dense: says which convolutions it can do") {
  CHECK(Dense::fits({3, 5, 7, 1}, {.stride = 2, .padding = 1, .dilation = 2}));
  CHECK_FALSE(Dense::fits({4, 5, 1, 1}, {.groups = 2}));
  CHECK_FALSE(Dense::fits({4, 5, 3, 3}, {.stride = 3}));
  CHECK_FALSE(Dense::fits({4, 5, 1, 1}, {}));  // Pointwise
}
