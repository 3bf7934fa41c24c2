// SPDX-License-Identifier: MIT
#include "layer_gradient.hpp"

#include <pursuit/kernels/reference/squeeze_excitation.hpp>
#include <pursuit/nn/squeeze_excitation.hpp>

using namespace pursuit;

TEST_CASE_TEMPLATE("SqueezeExcitation: agrees with automatic differentiation and with differences", T, float, double) {
  using Layer = nn::SqueezeExcitation<T>;
  LayerGradient<T, Layer> c{Layer(4, 3, Layer::Gate::sigmoid), {2, 4, 3, 5}, 40};
  c.compare("squeeze_excitation", 34, {35, 37, 36, 38});
}

TEST_CASE("SqueezeExcitation: trained, it is that of inference, and closed gates hand nothing on") {
  using Layer = nn::SqueezeExcitation<float>;
  const Shape<4> shape{2, 3, 4, 5};
  LayerGradient<float, Layer> c{Layer(3, 2), shape, 5};
  for (std::size_t i = 0; i < c.gradients.size(); ++i)
    std::ranges::copy(c.noise(static_cast<Index>(c.gradients[i].parameter.size()), 10 + i),
                      c.gradients[i].parameter.begin());
  c.layer.expand_bias(1) = 9;   // this gate is open whatever comes,
  c.layer.expand_bias(2) = -9;  // and this one closed
  const auto x = c.noise(120, 3);
  std::vector<float> y(120), expected(120), dx(120);
  c.layer.forward({x.data(), shape}, c.cache, {y.data(), shape});
  kernels::reference::squeeze_excitation<float>({x.data(), shape},
                                                {.reduce = c.layer.reduce,
                                                 .reduce_bias = c.layer.reduce_bias,
                                                 .expand = c.layer.expand,
                                                 .expand_bias = c.layer.expand_bias},
                                                {expected.data(), shape});
  for (std::size_t i = 0; i < y.size(); ++i) CHECK(y[i] == doctest::Approx(expected[i]).epsilon(1e-6));
  c.gradient(x, dx);
  const auto d_bias = c.gradients.of(c.layer.expand_bias);
  CHECK(d_bias(0) != 0);
  CHECK(d_bias(1) == 0);
  CHECK(d_bias(2) == 0);
  CHECK_THROWS_AS(c.layer.output_shape({1, 4, 2, 2}), ShapeError);
}
