// SPDX-License-Identifier: MIT
#include "cpu/blocked.hpp"
#include "random_tensor.hpp"

#include <pursuit/kernels/cpu/squeeze_excitation.hpp>
#include <pursuit/kernels/reference/squeeze_excitation.hpp>
#include <pursuit/kernels/squeeze_excitation.hpp>

#include <doctest/doctest.h>

#include <cmath>

using namespace pursuit;
using kernels::Activation;
using kernels::SqueezeExcitation;

TEST_CASE("squeeze-excitation: agrees with the plain loop, over odd channels, cells and hidden channels") {
  struct Case {
    Shape<4> x;
    Index hidden;
    SqueezeExcitation::Gate gate;
    Activation activation;
  };
  for (const Case& c : {Case{{1, 96, 5, 7}, 24, SqueezeExcitation::Gate::hard_sigmoid, Activation::hard_swish},
                        Case{{2, 21, 3, 3}, 13, SqueezeExcitation::Gate::sigmoid, Activation::none},
                        Case{{1, 5, 1, 1}, 3, SqueezeExcitation::Gate::hard_sigmoid, Activation::relu},
                        Case{{1, 64, 15, 15}, 64, SqueezeExcitation::Gate::sigmoid, Activation::relu6}}) {
    CAPTURE(c.hidden);
    auto x = random_tensor(c.x, 1);
    x *= 4.0F;
    x += 1.0F;  // means that are not all near zero
    SqueezeExcitation w{.reduce = random_tensor<2>({c.hidden, c.x[1]}, 2),
                        .reduce_bias = random_tensor<1>({c.hidden}, 3),
                        .expand = random_tensor<2>({c.x[1], c.hidden}, 4),
                        .expand_bias = random_tensor<1>({c.x[1]}, 5),
                        .gate = c.gate};
    const Tensor<double, 4> xd(x);
    auto expected = make_tensor<double, 4>(c.x);
    kernels::reference::squeeze_excitation<double>(xd, w, expected);
    for (double& v : expected) v = activated(v, c.activation);

    auto blocks = in_blocks(x);
    AlignedVector<float> scratch(static_cast<std::size_t>(kernels::squeeze_scratch_floats(w)),
                                 std::numeric_limits<float>::quiet_NaN());
    auto out = unwritten_blocks(c.x);
    const Index cells = c.x[2] * c.x[3];
    kernels::squeeze_excitation(blocks.data(), c.x[0], cells, w, c.activation, out.data(), scratch.data());
    CHECK(fills_with_zeros(out, c.x));
    const auto y = in_rows(out, c.x);
    // A gate is the result of two sums of at most 96 terms, which lie beside a mean of 225.
    CHECK(relative_difference(TensorView<const float, 4>(y), TensorView<const double, 4>(expected)) <
          4 * std::sqrt(225.0) * std::numeric_limits<float>::epsilon());
    kernels::squeeze_excitation(blocks.data(), c.x[0], cells, w, c.activation, blocks.data(), scratch.data());
    CHECK(blocks == out);
  }
}
