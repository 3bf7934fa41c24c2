// SPDX-License-Identifier: MIT
#include <pursuit/core/random.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/kernels/peak.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include <doctest/doctest.h>

using namespace pursuit;
using kernels::Peak;

namespace {

// A parabola with its top at (top_y, top_x), on a ring if `wrapped`.
Tensor<float, 2> hill(Index h, Index w, double top_y, double top_x, bool wrapped) {
  auto map = make_tensor<float, 2>({h, w});
  const auto distance = [&](double d, Index n) {
    return wrapped ? d - static_cast<double>(n) * std::round(d / static_cast<double>(n)) : d;
  };
  for (Index i = 0; i < h; ++i)
    for (Index j = 0; j < w; ++j) {
      const double dy = distance(static_cast<double>(i) - top_y, h), dx = distance(static_cast<double>(j) - top_x, w);
      map(i, j) = static_cast<float>(5 - 0.5 * dy * dy - 0.25 * dx * dx);
    }
  return map;
}

const float nan_value = std::numeric_limits<float>::quiet_NaN();

}  // namespace

TEST_CASE("find_peak: the highest cell at any place of any width") {
  Random random(1);
  for (const Shape<2> shape : {Shape<2>{1, 1}, {1, 13}, {7, 1}, {5, 17}, {31, 37}}) {
    auto map = make_tensor<float, 2>(shape);
    for (int trial = 0; trial < 20; ++trial) {
      for (float& v : map) v = static_cast<float>(random.uniform(-9, -1));
      const auto at = static_cast<Index>(random.below(map.size()));
      map.data()[at] = -0.5F;
      CHECK(kernels::find_peak(map) == Peak{at / shape[1], at % shape[1], -0.5F});
    }
  }
}

TEST_CASE("find_peak: the first of equals; cells that are no number are passed over") {
  auto map = make_tensor<float, 2>({3, 9}, 1.0F);
  CHECK(kernels::find_peak(map) == Peak{0, 0, 1});
  map(0, 0) = nan_value;
  CHECK(kernels::find_peak(map) == Peak{0, 1, 1});
  std::fill(map.begin(), map.end(), nan_value);
  CHECK(kernels::find_peak(map) == Peak{});
}

TEST_CASE("refine_peak: exact on a parabola, inside and around the corner") {
  const auto inside = hill(9, 11, 4.3, 6.8, false);
  const Peak peak = kernels::find_peak(inside);
  CHECK(peak.row == 4);
  CHECK(peak.col == 7);
  const Point d = kernels::refine_peak(inside, peak, false);
  CHECK(d.x == doctest::Approx(-0.2).epsilon(1e-5));
  CHECK(d.y == doctest::Approx(0.3).epsilon(1e-5));
  const auto corner = hill(9, 11, -0.4, 0.1, true);
  const Point wrapped = kernels::refine_peak(corner, kernels::find_peak(corner), true);
  CHECK(wrapped.x == doctest::Approx(0.1).epsilon(1e-5));
  CHECK(wrapped.y == doctest::Approx(-0.4).epsilon(1e-5));
}

TEST_CASE("refine_peak: no offset at a border, on a flat map, in one cell, beside no number") {
  const auto map = hill(9, 11, 0.2, 10.4, false);
  const Point border = kernels::refine_peak(map, {0, 10, 5}, false);
  CHECK(border == Point{0, 0});
  auto flat = make_tensor<float, 2>({5, 5}, 2.0F);
  CHECK(kernels::refine_peak(flat, {2, 2, 2}, true) == Point{0, 0});
  flat(2, 1) = flat(1, 2) = nan_value;
  CHECK(kernels::refine_peak(flat, {2, 2, 2}, true) == Point{0, 0});
  auto one = make_tensor<float, 2>({1, 1}, 2.0F);
  CHECK(kernels::refine_peak(one, {0, 0, 2}, true) == Point{0, 0});
}

TEST_CASE("refine_peak: at most half a cell, also where the cell is not the highest") {
  auto map = make_tensor<float, 2>({1, 3});
  map(0, 1) = 1;
  map(0, 2) = 1.5F;
  CHECK(kernels::refine_peak(map, {0, 1, 1}, false).x == 0.5);
}

TEST_CASE("peak_to_sidelobe: the peak's height in deviations of the rest") {
  auto map = make_tensor<float, 2>({20, 30});
  for (Index i = 0; i < 20; ++i)
    for (Index j = 0; j < 30; ++j) map(i, j) = (i + j) % 2 == 0 ? 1.0F : -1.0F;
  for (Index i = 5; i <= 11; ++i)
    for (Index j = 7; j <= 13; ++j) map(i, j) = 50;  // excluded: it may hold anything
  map(8, 10) = 100;
  CHECK(kernels::peak_to_sidelobe(map, {8, 10, 100}, false, 3) == doctest::Approx(100).epsilon(1e-3));
  // The same map turned around the ring.
  auto turned = make_tensor<float, 2>({20, 30});
  for (Index i = 0; i < 20; ++i)
    for (Index j = 0; j < 30; ++j) turned(i, j) = map((i + 7) % 20, (j + 11) % 30);
  CHECK(kernels::peak_to_sidelobe(turned, {1, 29, 100}, true, 3) ==
        doctest::Approx(kernels::peak_to_sidelobe(map, {8, 10, 100}, true, 3)));
  CHECK(kernels::peak_to_sidelobe(turned, {1, 29, 100}, false, 3) < 30);  // half of the hill is taken for the rest
}

TEST_CASE("peak_to_sidelobe: keeps its digits on a high pedestal") {
  Random random(2);
  auto low = make_tensor<float, 2>({25, 25}), high = low;
  for (std::size_t k = 0; k < low.size(); ++k) {
    low.data()[k] = static_cast<float>(random.below(64)) / 64;  // exact when 4096 is added
    high.data()[k] = low.data()[k] + 4096;
  }
  low(3, 3) = 8;
  high(3, 3) = 8 + 4096;
  CHECK(kernels::peak_to_sidelobe(high, {3, 3, 4104}, true) ==
        doctest::Approx(kernels::peak_to_sidelobe(low, {3, 3, 8}, true)).epsilon(1e-9));
}

TEST_CASE("peak_to_sidelobe: finite whatever comes") {
  const auto flat = make_tensor<float, 2>({20, 20}, 3.0F);
  CHECK(kernels::peak_to_sidelobe(flat, {4, 4, 3}, true) == 0);
  auto spike = make_tensor<float, 2>({20, 20});
  spike(4, 4) = 1;
  CHECK(kernels::peak_to_sidelobe(spike, {4, 4, 1}, true) == 1e6);
  const auto small = make_tensor<float, 2>({5, 5}, 1.0F);
  CHECK(kernels::peak_to_sidelobe(small, {2, 2, 1}, true) == 0);  // nothing is left
  auto broken = flat;
  broken(19, 19) = nan_value;
  CHECK(kernels::peak_to_sidelobe(broken, {4, 4, 3}, true) == 0);
  CHECK(kernels::peak_to_sidelobe(flat, {}, true) == 0);
}
