// SPDX-License-Identifier: MIT
#include <pursuit/kernels/activation.hpp>

#include <doctest/doctest.h>

#include <vector>

using namespace pursuit;
using kernels::Activation;

TEST_CASE("activations: values on both sides of each bend") {
  const std::vector<float> x{-7, -3, -1, 0, 1, 3, 6, 9, 0.5F};
  const auto through = [&](Activation a) {
    std::vector<float> y(x.size());
    kernels::activate(x.data(), static_cast<Index>(x.size()), a, y.data());
    return y;
  };
  CHECK(through(Activation::none) == x);
  CHECK(through(Activation::relu) == std::vector<float>{0, 0, 0, 0, 1, 3, 6, 9, 0.5F});
  CHECK(through(Activation::relu6) == std::vector<float>{0, 0, 0, 0, 1, 3, 6, 6, 0.5F});
  const auto swish = through(Activation::hard_swish);
  const double expected[] = {0, 0, -1 / 3.0, 0, 2 / 3.0, 3, 6, 9, 0.5 * 3.5 / 6};
  for (std::size_t i = 0; i < x.size(); ++i) CHECK(swish[i] == doctest::Approx(expected[i]));
}

TEST_CASE("activations: in place") {
  std::vector<float> x{-1, 2, 7};
  kernels::activate(x.data(), 3, Activation::relu6, x.data());
  CHECK(x == std::vector<float>{0, 2, 6});
}

TEST_CASE("activations: the constant that with_activation hands on") {
  for (const Activation a : {Activation::none, Activation::relu, Activation::relu6, Activation::hard_swish})
    CHECK(kernels::with_activation(a, [](auto constant) { return decltype(constant)::value; }) == a);
}
