// SPDX-License-Identifier: MIT
#include "../random_tensor.hpp"
#include "blocked.hpp"

#include <pursuit/core/threads.hpp>
#include <pursuit/kernels/cpu/stem.hpp>

#include <doctest/doctest.h>

#include <cmath>

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

AlignedVector<float> outputs(const Case& c, const Tensor<float, 4>& x, const Tensor<float, 4>& w,
                             const Tensor<float, 1>& bias, const kernels::ConvolutionOptions& options) {
  const Shape<4> w_shape = TensorView<const float, 4>(w).shape;
  const Stem kernel(c.x, w_shape, options, c.activation);
  AlignedVector<float> packed(static_cast<std::size_t>(Stem::packed_floats(w_shape)));
  Stem::pack(w, c.bias ? TensorView<const float, 1>(bias) : TensorView<const float, 1>(), packed.data());
  AlignedVector<float> scratch(static_cast<std::size_t>(kernel.scratch_floats()),
                               std::numeric_limits<float>::quiet_NaN());
  auto out = unwritten_blocks(kernel.output_shape());
  kernel.run(x.data(), packed.data(), out.data(), scratch.data());
  return out;
}

}  // namespace

TEST_CASE("Stem: agrees with the plain loop in double, with any number of threads") {
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const Shape<4> w_shape{c.outputs, c.x[1], c.kernel, c.kernel};
    const kernels::ConvolutionOptions options{.stride = c.stride, .padding = c.padding};
    REQUIRE(Stem::fits(w_shape, options));
    const auto x = random_tensor(c.x, 1), w = random_tensor(w_shape, 2);
    const auto bias = random_tensor<1>({c.outputs}, 3);
    const auto expected = expected_convolution(x, w, c.bias ? bias : Tensor<float, 1>(), options, {}, c.activation);

    const auto out = outputs(c, x, w, bias, options);
    const Shape<4> y_shape = TensorView<const double, 4>(expected).shape;
    CHECK(fills_with_zeros(out, y_shape));
    const auto y = in_rows(out, y_shape);
    // Sums of at most 363 terms.
    CHECK(relative_difference(TensorView<const float, 4>(y), TensorView<const double, 4>(expected)) <
          2 * std::sqrt(363.0) * std::numeric_limits<float>::epsilon());

    const int before = threads();
    set_threads(3);
    CHECK(outputs(c, x, w, bias, options) == out);
    set_threads(before);
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
