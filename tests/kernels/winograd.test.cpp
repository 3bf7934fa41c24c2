// SPDX-License-Identifier: MIT
#include "random_tensor.hpp"

#include <pursuit/kernels/activation.hpp>
#include <pursuit/kernels/cpu/winograd.hpp>
#include <pursuit/kernels/reference/convolution.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>

using namespace pursuit;
using kernels::activated;
using kernels::Activation;
using kernels::Winograd;
using kernels::with_activation;

namespace {

constexpr Index block = Winograd::block;

/// From row-major to blocks of channels, or back.
void copy_blocked(TensorView<float, 4> plain, float* blocked, bool back) {
  const auto [n, c, h, w] = plain.shape;
  for (Index i = 0; i < n; ++i)
    for (Index k = 0; k < c; ++k)
      for (Index r = 0; r < h; ++r)
        for (Index q = 0; q < w; ++q) {
          float& b = blocked[(((i * (c / block) + k / block) * h + r) * w + q) * block + k % block];
          (back ? plain(i, k, r, q) : b) = back ? b : plain(i, k, r, q);
        }
}

struct Case {
  const char* name;
  Shape<4> x, w;
  kernels::ConvolutionOptions options;
};

const Case cases[] = {
    {"DCFNet's second convolution, smaller", {2, 32, 21, 18}, {32, 32, 3, 3}, {.padding = 1}},
    {"one output", {1, 16, 3, 3}, {32, 16, 3, 3}, {}},
    {"groups, without padding", {1, 64, 11, 15}, {64, 32, 3, 3}, {.groups = 2}},
    {"5 x 5 in groups, odd tiles", {2, 32, 14, 9}, {64, 16, 5, 5}, {.groups = 2}},
    {"5 x 5 with padding", {1, 16, 7, 12}, {32, 16, 5, 5}, {.padding = 2}},
    {"dilation 2, SiamRPN++'s third stage, smaller", {1, 16, 15, 13}, {32, 16, 3, 3}, {.padding = 2, .dilation = 2}},
    {"dilation 4 without padding, in groups", {2, 32, 11, 14}, {64, 16, 3, 3}, {.dilation = 4, .groups = 2}},
    {"5 x 5 with dilation 3 and less padding", {1, 16, 17, 13}, {32, 16, 5, 5}, {.padding = 1, .dilation = 3}},
    {"more tiles than one chunk", {3, 16, 40, 40}, {32, 16, 3, 3}, {.padding = 1}},
};

}  // namespace

TEST_CASE("Winograd: agrees with the plain loop in double, on edges, in groups, with a residual") {
  for (const Case& c : cases)
    for (const Activation activation :
         {Activation::none, Activation::relu, Activation::relu6, Activation::hard_swish}) {
      CAPTURE(c.name);
      CAPTURE(static_cast<int>(activation));
      REQUIRE(Winograd::fits(c.w, c.options));
      auto x = random_tensor(c.x, 1);
      const auto w = random_tensor(c.w, 2);
      const auto bias = random_tensor<1>({c.w[0]}, 3);
      const Winograd kernel(c.x, c.w, c.options, activation);
      const auto packed = Winograd::pack(w, c.options.groups);
      AlignedVector<float> in(x.size()), scratch(static_cast<std::size_t>(kernel.scratch_floats()));
      AlignedVector<float> out(static_cast<std::size_t>(volume(kernel.output_shape())),
                               std::numeric_limits<float>::quiet_NaN());
      copy_blocked(x, in.data(), false);
      const bool adds = activation == Activation::none || activation == Activation::hard_swish;
      auto residual = random_tensor(kernel.output_shape(), 4);
      AlignedVector<float> added(residual.size());
      copy_blocked(residual, added.data(), false);
      kernel.run(in.data(), packed.data(), bias.data(), adds ? added.data() : nullptr, out.data(), scratch.data());
      auto y = make_tensor<float, 4>(kernel.output_shape());
      copy_blocked(y, out.data(), true);

      const auto xd = as_double<4>(x), wd = as_double<4>(w);
      const auto bd = as_double<1>(bias);
      auto expected = make_tensor<double, 4>(kernel.output_shape());
      kernels::reference::convolution<double>(xd, wd, bd, c.options, expected);
      if (adds) expected += residual;
      with_activation(activation, [&](auto a) {
        for (double& value : expected) value = activated<decltype(a)::value>(value);
      });
      // About twice the rounding of a direct sum of `taps` terms.
      const double taps = static_cast<double>(c.w[1] * c.w[2] * c.w[3]);
      CHECK(relative_difference(TensorView<const float, 4>(y), TensorView<const double, 4>(expected)) <
            4 * std::sqrt(taps) * std::numeric_limits<float>::epsilon());
    }
}

TEST_CASE("Winograd: says which convolutions it can do") {
  CHECK(Winograd::fits({32, 16, 3, 3}, {}));
  CHECK_FALSE(Winograd::fits({32, 16, 3, 5}, {}));
  CHECK_FALSE(Winograd::fits({32, 16, 7, 7}, {}));
  CHECK_FALSE(Winograd::fits({32, 3, 3, 3}, {}));
  CHECK_FALSE(Winograd::fits({24, 16, 3, 3}, {}));
  CHECK_FALSE(Winograd::fits({32, 16, 3, 3}, {.stride = 2}));
  CHECK_FALSE(Winograd::fits({32, 8, 3, 3}, {.groups = 4}));
}
