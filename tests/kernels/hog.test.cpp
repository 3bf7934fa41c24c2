// SPDX-License-Identifier: MIT
#include <pursuit/core/random.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/kernels/hog.hpp>
#include <pursuit/kernels/reference/hog.hpp>

#include <algorithm>
#include <array>
#include <cmath>

#include <doctest/doctest.h>

using namespace pursuit;

namespace {

Tensor<float, 3> features(const TensorView<const float, 3>& patch, int cell) {
  auto out = make_tensor<float, 3>({31, patch.shape[1] / cell, patch.shape[2] / cell}, -1.0F);
  kernels::HogWorkspace workspace;
  kernels::hog(patch, cell, out, workspace);
  return out;
}

// A plane whose brightness grows towards `degrees`, counted from +x towards +y.
Tensor<float, 3> slope(Index size, double degrees) {
  auto patch = make_tensor<float, 3>({1, size, size});
  const double c = std::cos(degrees * 3.141592653589793 / 180), s = std::sin(degrees * 3.141592653589793 / 180);
  for (Index i = 0; i < size; ++i)
    for (Index j = 0; j < size; ++j)
      patch(0, i, j) = static_cast<float>(0.5 + 0.01 * (c * static_cast<double>(j) + s * static_cast<double>(i)));
  return patch;
}

}  // namespace

TEST_CASE("hog: agrees with the plain loop in double over odd sizes and cells") {
  Random random(1);
  kernels::HogWorkspace workspace;  // one for all sizes: nothing may be left over from the one before
  const std::array<Shape<4>, 12> sizes{{{3, 40, 52, 4},
                                        {1, 37, 29, 4},
                                        {3, 4, 4, 4},
                                        {3, 5, 70, 4},
                                        {3, 50, 33, 8},
                                        {1, 7, 9, 1},
                                        {3, 31, 9, 3},
                                        {3, 27, 67, 2},
                                        {1, 1, 1, 1},
                                        {1, 1, 23, 1},
                                        {3, 9, 8, 5},
                                        {3, 40, 52, 4}}};
  for (const auto& size : sizes) {
    const Index channels = size[0], h = size[1], w = size[2];
    const int cell = static_cast<int>(size[3]);
    auto patch = make_tensor<float, 3>({channels, h, w});
    for (float& v : patch) v = static_cast<float>(random.below(256)) / 255;
    auto exact_patch = make_tensor<double, 3>({channels, h, w});
    std::copy(patch.begin(), patch.end(), exact_patch.begin());
    auto out = make_tensor<float, 3>({31, h / cell, w / cell}, -1.0F);
    auto exact = make_tensor<double, 3>({31, h / cell, w / cell});
    kernels::hog(patch, cell, out, workspace);
    kernels::reference::hog<double>(exact_patch, cell, exact);
    double worst = 0;
    for (std::size_t k = 0; k < out.size(); ++k)
      worst = std::max(worst, std::abs(static_cast<double>(out.data()[k]) - exact.data()[k]));
    INFO(channels, "x", h, "x", w, ", cell ", cell);
    // Features are at most 0.4 (texture 0.85) and sum some hundred votes in float.
    CHECK(worst < 2e-6);
  }
}

TEST_CASE("hog: a slope votes for its direction alone, in every cell alike") {
  for (int o = 0; o < 18; ++o) {
    const auto tilted = slope(24, 20 * o + 3);
    const auto out = features(tilted, 4);
    for (Index c = 0; c < 18; ++c)
      for (Index k = 0; k < 36; ++k)
        CHECK(out.data()[c * 36 + k] == (c == o ? doctest::Approx(0.4) : doctest::Approx(0)));
    for (Index c = 0; c < 9; ++c)
      for (Index k = 0; k < 36; ++k)
        CHECK(out.data()[(18 + c) * 36 + k] == (c == o % 9 ? doctest::Approx(0.4) : doctest::Approx(0)));
    for (Index k = 27 * 36; k < 31 * 36; ++k) CHECK(out.data()[k] == doctest::Approx(0.2 * 0.2357));
  }
}

TEST_CASE("hog: dark on bright and bright on dark give the same unsigned directions") {
  Random random(2);
  auto patch = make_tensor<float, 3>({1, 24, 20});
  for (float& v : patch) v = static_cast<float>(random.below(5)) / 8;  // many exactly vertical and horizontal gradients
  auto inverse = patch;
  for (float& v : inverse) v = 1 - v;
  const auto a = features(patch, 4), b = features(inverse, 4);
  for (Index c = 0; c < 9; ++c)
    for (Index k = 0; k < 30; ++k) {
      CHECK(a.data()[(18 + c) * 30 + k] == doctest::Approx(b.data()[(18 + c) * 30 + k]).epsilon(1e-5));
      CHECK(a.data()[c * 30 + k] == doctest::Approx(b.data()[(c + 9) * 30 + k]).epsilon(1e-5));
    }
}

TEST_CASE("hog: colour counts where it is strongest, and brightness does not") {
  auto patch = make_tensor<float, 3>({3, 16, 16}, 0.25F);
  const auto grey = slope(16, 40);
  std::copy(grey.begin(), grey.end(), patch.data() + 2 * 256);
  const auto a = features(patch, 4), b = features(grey, 4);
  CHECK(std::equal(a.begin(), a.end(), b.begin()));
  auto twice = patch;
  for (float& v : twice) v = 2 * v - 0.125F;
  const auto c = features(twice, 4);
  // What remains is the constant under the root: 1e-4 beside energies of 1e-1.
  for (std::size_t k = 0; k < a.size(); ++k) CHECK(c.data()[k] == doctest::Approx(a.data()[k]).epsilon(1e-3));
}

TEST_CASE("hog: a flat patch has no features") {
  const auto flat = make_tensor<float, 3>({3, 12, 9}, 0.5F);
  const auto out = features(flat, 3);
  for (const float v : out) CHECK(v == 0);
}

TEST_CASE("hog: shapes that do not fit say so") {
  kernels::HogWorkspace workspace;
  const auto two = make_tensor<float, 3>({2, 8, 8}), small = make_tensor<float, 3>({3, 3, 8}),
             good = make_tensor<float, 3>({3, 8, 8});
  auto out = make_tensor<float, 3>({31, 2, 2}), wrong = make_tensor<float, 3>({32, 2, 2});
  CHECK_THROWS_AS(kernels::hog(two, 4, out, workspace), ShapeError);
  CHECK_THROWS_AS(kernels::hog(small, 4, out, workspace), ShapeError);
  CHECK_THROWS_AS(kernels::hog(good, 0, out, workspace), ShapeError);
  CHECK_THROWS_AS(kernels::hog(good, 4, wrong, workspace), ShapeError);
}
