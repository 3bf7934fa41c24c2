// SPDX-License-Identifier: MIT
#include "layer_gradient.hpp"

#include <pursuit/nn/conv_transpose2d.hpp>

using namespace pursuit;

TEST_CASE_TEMPLATE("ConvTranspose2d: agrees with automatic differentiation and with differences", T, float, double) {
  using Layer = nn::ConvTranspose2d<T>;
  LayerGradient<T, Layer> c{
      Layer(4, 6, 3, {.stride = 2, .padding = 1, .output_padding = 1, .groups = 2}), {2, 4, 4, 5}, 39};
  CHECK(c.layer.output_shape({2, 4, 4, 5}) == Shape<4>{2, 6, 8, 10});
  c.compare("conv_transpose", 31, {32, 33});
}

TEST_CASE("ConvTranspose2d: shapes that do not fit are errors") {
  using Layer = nn::ConvTranspose2d<float>;
  CHECK_THROWS_AS(Layer(4, 6, 3, {.groups = 4}), ShapeError);
  CHECK_THROWS_AS(Layer(4, 6, 3, {.stride = 2, .output_padding = 2}), ShapeError);
  CHECK_THROWS_AS(Layer(4, 6, 1, {.padding = 3}).output_shape({1, 4, 5, 5}), ShapeError);
  CHECK_THROWS_AS(Layer(4, 6, 3).output_shape({1, 5, 5, 5}), ShapeError);
}
