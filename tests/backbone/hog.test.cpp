// SPDX-License-Identifier: MIT
#include <pursuit/backbone/hog.hpp>
#include <pursuit/check/noise.hpp>
#include <pursuit/concepts/backbone.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/kernels/reference/hog.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace pursuit;

static_assert(Backbone<Hog> && Hog::channels == 31);

TEST_CASE("Hog: each patch of a batch has the features of the plain loop") {
  const auto noise = check::noise(2 * 3 * 22 * 27, 5);
  auto patches = make_tensor<float, 4>({2, 3, 22, 27});
  std::transform(noise.begin(), noise.end(), patches.begin(),
                 [](double v) { return static_cast<float>(128 + 40 * v); });
  Hog hog({.cell = 5});
  const auto maps = hog.extract(patches);
  CHECK(maps.levels == 1);
  CHECK(maps.top().stride == 5);
  REQUIRE(maps.top().values.shape == Shape<4>{2, 31, 4, 5});
  for (Index n = 0; n < 2; ++n) {
    auto expected = make_tensor<float, 3>({31, 4, 5});
    kernels::reference::hog<float>(TensorView<const float, 4>(patches)[n], 5, expected);
    double worst = 0;
    for (Index i = 0; i < maps.top().values[n].size(); ++i)
      worst = std::max<double>(worst, std::abs(maps.top().values[n].data[i] - expected.data()[i]));
    CHECK(worst < 1e-4);  // gradients that lie between two bins by rounding alone
  }
}

TEST_CASE("Hog: cells without pixels and patches without cells are refused") {
  CHECK_THROWS_WITH_AS(Hog({.cell = 0}), doctest::Contains("at least 1"), Error);
  Hog hog;
  const auto small = make_tensor<float, 4>({1, 3, 3, 40});
  CHECK_THROWS_WITH_AS(hog.extract(small), doctest::Contains("at least one cell"), ShapeError);
}
