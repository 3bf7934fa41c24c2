// SPDX-License-Identifier: MIT
#include "checked_kernel.hpp"

#include <pursuit/kernels/cpu/stem.hpp>

#include <doctest/doctest.h>

using namespace pursuit;
using kernels::Activation;
using kernels::Stem;

namespace {

struct Case {
  const char* name;
  Shape<4> x;
  Index outputs;
  int kernel, stride, padding;
  Activation activation;
  bool bias;
};

const Case cases[] = {
    {"3 x 3 in steps of two", {1, 3, 31, 29}, 16, 3, 2, 1, Activation::hard_swish, true},
    {"3 x 3, two images", {2, 3, 12, 17}, 32, 3, 1, 1, Activation::relu, true},
    {"11 x 11 in steps of two", {1, 3, 41, 35}, 48, 11, 2, 0, Activation::none, true},
    {"7 x 7, outputs that fill no block", {1, 3, 21, 20}, 21, 7, 2, 3, Activation::relu6, true},
    {"one plane, one block, steps of three", {1, 1, 9, 40}, 5, 5, 3, 2, Activation::none, false},
    {"fewer outputs than a pass", {2, 4, 3, 4}, 16, 2, 1, 0, Activation::none, true},
};

}  // namespace

TEST_CASE("Stem: agrees with the plain loop in double, with any number of threads") {
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const Shape<4> w_shape{c.outputs, c.x[1], c.kernel, c.kernel};
    const kernels::ConvolutionOptions options{.stride = c.stride, .padding = c.padding};
    REQUIRE(Stem::fits(w_shape, options));
    const auto x = random_tensor(c.x, 1), w = random_tensor(w_shape, 2);
    const auto bias = c.bias ? random_tensor<1>({c.outputs}, 3) : Tensor<float, 1>();
    check_kernel<Stem>(x, x.data(), w, bias, options, c.activation, 363);
  }
}

TEST_CASE("Stem: says which convolutions it can do") {
  CHECK(Stem::fits({96, 3, 11, 11}, {.stride = 2}));
  CHECK_FALSE(Stem::fits({96, 8, 3, 3}, {}));
  CHECK_FALSE(Stem::fits({96, 3, 3, 5}, {}));
  CHECK_FALSE(Stem::fits({96, 3, 13, 13}, {}));
  CHECK_FALSE(Stem::fits({96, 3, 3, 3}, {.dilation = 2}));
  CHECK_FALSE(Stem::fits({96, 3, 3, 3}, {.padding = 3}));
  CHECK_FALSE(Stem::fits({96, 1, 3, 3}, {.groups = 3}));
}
