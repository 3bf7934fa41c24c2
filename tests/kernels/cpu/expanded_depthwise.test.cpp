// SPDX-License-Identifier: MIT
#include "checked_kernel.hpp"

#include <pursuit/core/threads.hpp>
#include <pursuit/kernels/cpu/expanded_depthwise.hpp>

#include <doctest/doctest.h>

using namespace pursuit;
using kernels::Activation;
using kernels::Depthwise;
using kernels::ExpandedDepthwise;
using kernels::Pointwise;

TEST_CASE("ExpandedDepthwise: gives the bits of its two parts, with any number of threads") {
  struct Case {
    Shape<4> x;
    Index expanded;
    int kernel, stride, padding;
  };
  for (const Case& c :
       {Case{{1, 16, 15, 20}, 72, 3, 2, 1}, Case{{2, 24, 9, 8}, 88, 3, 1, 1}, Case{{1, 40, 16, 16}, 120, 5, 1, 2},
        Case{{1, 11, 6, 5}, 29, 2, 1, 0}, Case{{1, 8, 3, 2}, 8, 5, 1, 2}}) {
    CAPTURE(c.expanded);
    const Shape<4> e_shape{c.expanded, c.x[1], 1, 1}, w_shape{c.expanded, 1, c.kernel, c.kernel};
    const kernels::ConvolutionOptions options{
        .stride = c.stride, .padding = c.padding, .groups = static_cast<int>(c.expanded)};
    REQUIRE(ExpandedDepthwise::fits(e_shape, {}, w_shape, options));
    const auto x = random_tensor(c.x, 1), expand = random_tensor(e_shape, 2), w = random_tensor(w_shape, 3);
    const auto e_bias = random_tensor<1>({c.expanded}, 4), bias = random_tensor<1>({c.expanded}, 5);
    const auto e_packed = packed_weights<Pointwise>(expand, e_bias), packed = packed_weights<Depthwise>(w, bias);
    const auto in = in_blocks(x);

    const Pointwise first(c.x, e_shape, {}, Activation::hard_swish);
    auto between = unwritten_blocks(first.output_shape());
    first.run(in.data(), e_packed.data(), nullptr, between.data());
    const Depthwise second(first.output_shape(), w_shape, options, Activation::relu6);
    auto scratch = unwritten_scratch(second), expected = unwritten_blocks(second.output_shape());
    second.run(between.data(), packed.data(), expected.data(), scratch.data());

    const int before = threads();
    for (const int n : {1, 3}) {
      set_threads(n);
      const ExpandedDepthwise both(c.x, e_shape, {}, Activation::hard_swish, w_shape, options, Activation::relu6);
      CHECK(both.output_shape() == second.output_shape());
      auto room = unwritten_scratch(both), out = unwritten_blocks(both.output_shape());
      both.run(in.data(), e_packed.data(), packed.data(), out.data(), room.data());
      CHECK(out == expected);
    }
    set_threads(before);
  }
}
