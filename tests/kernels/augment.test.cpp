// SPDX-License-Identifier: MIT
#include <pursuit/core/random.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/kernels/augment.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include <doctest/doctest.h>

using namespace pursuit;

namespace {

Tensor<float, 3> noise(Index channels, Index h, Index w) {
  Random random(1);
  auto x = make_tensor<float, 3>({channels, h, w});
  for (float& v : x) v = static_cast<float>(random.uniform());
  return x;
}

Tensor<float, 3> view_of(const Tensor<float, 3>& large, const Augmentation& view, Index h, Index w) {
  auto out = make_tensor<float, 3>({static_cast<Index>(large.shape()[0]), h, w}, -1.0F);
  kernels::augment(large, view, out);
  return out;
}

}  // namespace

TEST_CASE("augment: the plain view is the middle of the patch") {
  const auto large = noise(2, 11, 14);
  const auto out = view_of(large, {}, 5, 6);
  for (Index c = 0; c < 2; ++c)
    for (Index i = 0; i < 5; ++i)
      for (Index j = 0; j < 6; ++j) CHECK(out(c, i, j) == large(c, 3 + i, 4 + j));
}

TEST_CASE("augment: a shift moves the content, and the rim is repeated beyond the patch") {
  const auto large = noise(1, 12, 12);
  const auto still = view_of(large, {}, 6, 6), moved = view_of(large, {.shift = {2, -1}}, 6, 6);
  for (Index i = 1; i < 6; ++i)
    for (Index j = 0; j < 4; ++j) CHECK(moved(0, i - 1, j + 2) == still(0, i, j));
  const auto far = view_of(large, {.shift = {40, 0}}, 6, 6);
  for (Index i = 0; i < 6; ++i)
    for (Index j = 0; j < 6; ++j) CHECK(far(0, i, j) == large(0, 3 + i, 0));
}

TEST_CASE("augment: a flip is seen in a mirror, before the shift") {
  const auto large = noise(1, 8, 8);
  const auto still = view_of(large, {}, 4, 4);
  const auto flipped = view_of(large, {.shift = {1, 0}, .flip = true}, 4, 4);
  for (Index i = 0; i < 4; ++i)
    for (Index j = 0; j < 3; ++j) CHECK(flipped(0, i, j + 1) == still(0, i, 3 - j));
}

TEST_CASE("augment: a quarter turn counter-clockwise puts the right side on top") {
  const auto large = noise(2, 9, 9);
  const auto out = view_of(large, {.rotation_degrees = 90}, 9, 9);
  for (Index c = 0; c < 2; ++c)
    for (Index i = 0; i < 9; ++i)
      for (Index j = 0; j < 9; ++j) CHECK(out(c, i, j) == doctest::Approx(large(c, j, 8 - i)).epsilon(1e-5));
}

TEST_CASE("augment: rotating a ramp tilts it") {
  auto large = make_tensor<float, 3>({1, 40, 40});
  for (Index i = 0; i < 40; ++i)
    for (Index j = 0; j < 40; ++j) large(0, i, j) = static_cast<float>(j) - 19.5F;
  const auto out = view_of(large, {.rotation_degrees = 30}, 20, 20);
  for (Index i = 0; i < 20; ++i)
    for (Index j = 0; j < 20; ++j) {
      const double x = static_cast<double>(j) - 9.5, y = static_cast<double>(i) - 9.5;
      CHECK(out(0, i, j) == doctest::Approx(std::sqrt(0.75) * x - 0.5 * y).epsilon(1e-4));
    }
}

TEST_CASE("augment: a blur spreads a point as a Gaussian cut off at two deviations") {
  auto large = make_tensor<float, 3>({1, 31, 31});
  large(0, 15, 15) = 1;
  const auto out = view_of(large, {.blur_x = 1.5, .blur_y = 0.4}, 31, 31);
  const auto weight = [](int d, double sigma, int radius) {
    double sum = 0;
    for (int k = -radius; k <= radius; ++k) sum += std::exp(-k * k / (2 * sigma * sigma));
    return std::abs(d) > radius ? 0 : std::exp(-d * d / (2 * sigma * sigma)) / sum;
  };
  for (int i = 0; i < 31; ++i)
    for (int j = 0; j < 31; ++j)
      CHECK(out(0, i, j) == doctest::Approx(weight(j - 15, 1.5, 3) * weight(i - 15, 0.4, 1)).epsilon(1e-6));
}

TEST_CASE("augment: a blur sees zeros beyond the patch") {
  const auto ones = make_tensor<float, 3>({1, 9, 9}, 1.0F);
  const auto out = view_of(ones, {.blur_x = 2}, 9, 9);
  CHECK(out(0, 4, 4) == doctest::Approx(1));
  CHECK(out(0, 4, 0) < 0.7F);
  CHECK(out(0, 0, 4) == doctest::Approx(1));
}

TEST_CASE("augment: what does not fit says so") {
  const auto large = noise(2, 8, 8);
  auto one = make_tensor<float, 3>({1, 4, 4}), empty = make_tensor<float, 3>({2, 0, 4}),
       good = make_tensor<float, 3>({2, 4, 4});
  CHECK_THROWS_AS(kernels::augment(large, {}, one), ShapeError);
  CHECK_THROWS_AS(kernels::augment(large, {}, empty), ShapeError);
  CHECK_THROWS_AS(kernels::augment(large, {.blur_x = std::numeric_limits<double>::infinity()}, good), Error);
}
