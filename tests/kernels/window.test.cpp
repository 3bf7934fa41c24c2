// SPDX-License-Identifier: MIT
#include <pursuit/core/tensor.hpp>
#include <pursuit/kernels/window.hpp>

#include <cmath>

#include <doctest/doctest.h>

using namespace pursuit;

TEST_CASE("hann: the product of two windows, zero on the rim and one in the middle") {
  auto w = make_tensor<float, 2>({5, 9});
  kernels::hann(w);
  CHECK(w(2, 4) == 1);
  for (int j = 0; j < 9; ++j) CHECK(w(0, j) == 0);
  for (int i = 0; i < 5; ++i) CHECK(w(i, 8) == 0);
  CHECK(w(1, 4) == doctest::Approx(0.5));
  CHECK(w(2, 1) == doctest::Approx(0.5 * (1 - std::sqrt(0.5))));
  CHECK(w(1, 2) == doctest::Approx(0.25));
}

TEST_CASE("hann: symmetric to the last bit, also for even sizes") {
  auto w = make_tensor<float, 2>({8, 13});
  kernels::hann(w);
  for (int i = 0; i < 8; ++i)
    for (int j = 0; j < 13; ++j) {
      CHECK(w(i, j) == w(7 - i, j));
      CHECK(w(i, j) == w(i, 12 - j));
    }
}

TEST_CASE("hann: an axis of one cell counts as one") {
  auto w = make_tensor<float, 2>({1, 1});
  kernels::hann(w);
  CHECK(w(0, 0) == 1);
  auto row = make_tensor<float, 2>({1, 5});
  kernels::hann(row);
  CHECK(row(0, 2) == 1);
  CHECK(row(0, 1) == doctest::Approx(0.5));
}

TEST_CASE("gaussian_label: height 1 at cell (0, 0), equal at equal distances around the ring") {
  auto y = make_tensor<float, 2>({7, 10});
  kernels::gaussian_label(y, 1.5, 2.5);
  CHECK(y(0, 0) == 1);
  CHECK(y(2, 3) == doctest::Approx(std::exp(-(4 / 2.25 + 9 / 6.25) / 2)));
  for (int i = 1; i < 7; ++i)
    for (int j = 1; j < 10; ++j) CHECK(y(i, j) == y(7 - i, 10 - j));
}

TEST_CASE("gaussian_label: a shift moves it, by whole cells exactly") {
  auto y = make_tensor<float, 2>({7, 10}), moved = make_tensor<float, 2>({7, 10});
  kernels::gaussian_label(y, 1.5, 2.5);
  kernels::gaussian_label(moved, 1.5, 2.5, {3, -2});
  for (int i = 0; i < 7; ++i)
    for (int j = 0; j < 10; ++j) CHECK(moved((i + 5) % 7, (j + 3) % 10) == doctest::Approx(y(i, j)));
  kernels::gaussian_label(moved, 1.5, 2.5, {0.5, 0.25});
  CHECK(moved(0, 0) == doctest::Approx(std::exp(-(0.0625 / 2.25 + 0.25 / 6.25) / 2)));
  CHECK(moved(6, 9) == doctest::Approx(std::exp(-(1.5625 / 2.25 + 2.25 / 6.25) / 2)));
}

TEST_CASE("gaussian_label: needs a width") {
  auto y = make_tensor<float, 2>({3, 3});
  CHECK_THROWS_AS(kernels::gaussian_label(y, 0, 1), Error);
  CHECK_THROWS_AS(kernels::gaussian_label(y, 1, std::nan("")), Error);
}

TEST_CASE("gaussian: a bell around a place between cells, which does not wrap around") {
  auto y = make_tensor<float, 2>({5, 8}, 9);
  kernels::gaussian<float>(y, {1.5, 2}, {6.25, 0.5});
  for (std::size_t i = 0; i < 5; ++i)
    for (std::size_t j = 0; j < 8; ++j) {
      const double di = static_cast<double>(i) - 0.5, dj = static_cast<double>(j) - 6.25;
      CHECK(y(i, j) == doctest::Approx(std::exp(-(di * di / 8 + dj * dj / 4.5))).epsilon(1e-6));
    }
  CHECK_THROWS_AS(kernels::gaussian<float>(y, {0, 1}, {}), Error);
  CHECK_THROWS_AS(kernels::gaussian<float>(y, {1, 0}, {}), Error);
}
