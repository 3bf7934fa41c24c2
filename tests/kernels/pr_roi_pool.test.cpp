// SPDX-License-Identifier: MIT
#include <pursuit/check/gradient.hpp>
#include <pursuit/core/random.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/kernels/pr_roi_pool.hpp>
#include <pursuit/kernels/reference/pr_roi_pool.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <type_traits>
#include <vector>

using namespace pursuit;
using kernels::RoiOptions;

namespace {

/// A map of 3 x h x w cells, boxes partly outside of it, and what comes back for each bin.
template <class T>
struct Case {
  Case(Random& random, RoiOptions o, Index count = 4) : options(o) {
    const auto extent = [&] { return 5 + static_cast<Index>(random.below(7)); };
    const Index h = extent(), w = extent();
    x = make_tensor<T, 3>({3, h, w});
    boxes = make_tensor<T, 2>({count, 4});
    dy = make_tensor<T, 4>({count, 3, o.rows, o.columns});
    for (T& v : x) v = static_cast<T>(random.uniform(-1, 1));
    for (T& v : dy) v = static_cast<T>(random.uniform(-1, 1));
    for (Index r = 0; r < count; ++r) {
      const auto set = [&](Index k, Index cells) {
        const double low = random.uniform(-2, static_cast<double>(cells) - 1);
        boxes(r, k) = static_cast<T>(low / o.scale);
        boxes(r, k + 2) = static_cast<T>((low + random.uniform(0.3, static_cast<double>(cells))) / o.scale);
      };
      set(0, w);
      set(1, h);
    }
  }

  Tensor<T, 4> pooled(bool plain) const {
    auto y = make_tensor<T, 4>(TensorView<const T, 4>(dy).shape, T(7));
    if (plain)
      kernels::reference::pr_roi_pool<T>(x, boxes, options, y);
    else
      kernels::pr_roi_pool<T>(x, boxes, options, y);
    return y;
  }
  Tensor<T, 3> features_gradient(bool plain) const {
    auto dx = make_tensor<T, 3>(TensorView<const T, 3>(x).shape, T(0.5));
    if (plain)
      kernels::reference::pr_roi_pool_backward<T>(boxes, options, dy, dx);
    else
      kernels::pr_roi_pool_backward<T>(boxes, options, dy, dx);
    return dx;
  }
  Tensor<T, 2> boxes_gradient(bool plain) const {
    auto d = make_tensor<T, 2>(TensorView<const T, 2>(boxes).shape, T(0.25));
    if (plain)
      kernels::reference::pr_roi_pool_backward_boxes<T>(x, boxes, options, dy, d);
    else
      kernels::pr_roi_pool_backward_boxes<T>(x, boxes, options, dy, d);
    return d;
  }

  RoiOptions options;
  Tensor<T, 3> x;
  Tensor<T, 2> boxes;
  Tensor<T, 4> dy;
};

template <class A, class B>
double difference(const A& a, const B& b) {
  double worst = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    worst = std::max(worst, std::abs(static_cast<double>(a.data()[i]) - static_cast<double>(b.data()[i])));
  return worst;
}

constexpr std::array<RoiOptions, 5> sizes{{{1, 1, 1 / 16.0}, {3, 3, 1 / 8.0}, {5, 5, 0.5}, {3, 4, 1}, {6, 2, 0.25}}};

/// One box over one map.
double surface_mean(const Tensor<double, 3>& x, std::array<double, 4> box) {
  auto y = make_tensor<double, 4>({1, 1, 1, 1});
  kernels::pr_roi_pool<double>(x, TensorView<const double, 2>(box.data(), {1, 4}), {}, y);
  return y.data()[0];
}

}  // namespace

TEST_CASE_TEMPLATE("pr_roi_pool: agrees with the sum over cells", T, float, double) {
  // Means of numbers up to 1, of which 100 at most are added; slopes are up to a bin's number of edges larger.
  constexpr double epsilon = std::numeric_limits<T>::epsilon();
  Random random(5);
  for (int k = 0; k < 60; ++k) {
    const Case<T> c(random, sizes[static_cast<std::size_t>(k) % sizes.size()]);
    CAPTURE(k);
    CHECK(difference(c.pooled(false), c.pooled(true)) < 100 * epsilon);
    CHECK(difference(c.features_gradient(false), c.features_gradient(true)) < 100 * epsilon);
    CHECK(difference(c.boxes_gradient(false), c.boxes_gradient(true)) < 1000 * epsilon);
  }
}

TEST_CASE("pr_roi_pool: gradients agree with differences, a wrong one does not") {
  Random random(8);
  for (const RoiOptions& options : sizes) {
    Case<double> c(random, options, 2);
    const auto value = [&](std::span<const double> map, std::span<const double> corners) {
      std::copy(map.begin(), map.end(), c.x.begin());
      std::copy(corners.begin(), corners.end(), c.boxes.begin());
      const auto y = c.pooled(false);
      double sum = 0;
      for (std::size_t i = 0; i < y.size(); ++i) sum += y.data()[i] * c.dy.data()[i];
      return sum;
    };
    double wrong = 1;
    const auto slopes = [&](std::span<const double> map, std::span<const double> corners, std::span<double> dmap,
                            std::span<double> dcorners) {
      std::copy(map.begin(), map.end(), c.x.begin());
      std::copy(corners.begin(), corners.end(), c.boxes.begin());
      auto dx = make_tensor<double, 3>(TensorView<const double, 3>(c.x).shape);
      auto db = make_tensor<double, 2>({2, 4});
      kernels::pr_roi_pool_backward<double>(c.boxes, options, c.dy, dx);
      kernels::pr_roi_pool_backward_boxes<double>(c.x, c.boxes, options, c.dy, db);
      std::copy(dx.begin(), dx.end(), dmap.begin());
      for (std::size_t i = 0; i < 8; ++i) dcorners[i] = db.data()[i] * (i % 4 < 2 ? wrong : 1);
    };
    const std::vector<double> map(c.x.begin(), c.x.end()), corners(c.boxes.begin(), c.boxes.end());
    const auto check = [&] {
      return check::gradient(value, slopes, {.entries = 24}, check::Input{"map", map}, check::Input{"boxes", corners});
    };
    const auto hand = check();
    INFO(hand);
    CHECK(hand.worst < 1e-7);
    wrong = 1.01;
    CHECK(check().worst > 1e-3);
  }
}

TEST_CASE("pr_roi_pool: means that are known") {
  auto ones = make_tensor<double, 3>({1, 9, 8}, 1.0), slope = make_tensor<double, 3>({1, 9, 8});
  for (Index i = 0; i < 9; ++i)
    for (Index j = 0; j < 8; ++j) slope(0, i, j) = static_cast<double>(j);
  CHECK(surface_mean(ones, {1.3, 2, 5.7, 6.1}) == doctest::Approx(1).epsilon(1e-14));
  CHECK(surface_mean(slope, {1.3, 2, 5.7, 6.1}) == doctest::Approx(3.5).epsilon(1e-14));
  CHECK(surface_mean(ones, {-5, 2, -1, 6}) == 0);
  CHECK(surface_mean(ones, {3, 10.5, 4, 12}) == 0);
  CHECK(surface_mean(slope, {2.3, 3.1, 2.3 + 1e-4, 3.1 + 1e-4}) == doctest::Approx(2.3 + 0.5e-4).epsilon(1e-12));
  // Half a cell beyond the last one the surface has fallen to half.
  CHECK(surface_mean(ones, {7.5 - 1e-6, 3, 7.5 + 1e-6, 4}) == doctest::Approx(0.5).epsilon(1e-9));

  auto d = make_tensor<double, 2>({1, 4});
  const auto dy = make_tensor<double, 4>({1, 1, 1, 1}, 1.0);
  std::array<double, 4> box{13, 20, 57, 61};
  const TensorView<const double, 2> boxes(box.data(), {1, 4});
  kernels::pr_roi_pool_backward_boxes<double>(ones, boxes, {1, 1, 0.1}, dy, d);
  for (const double v : d) CHECK(std::abs(v) < 1e-15);
  kernels::pr_roi_pool_backward_boxes<double>(slope, boxes, {1, 1, 0.1}, dy, d);
  CHECK(d(0, 0) == doctest::Approx(0.05).epsilon(1e-13));
  CHECK(d(0, 2) == doctest::Approx(0.05).epsilon(1e-13));
  CHECK(std::abs(d(0, 1)) < 1e-15);
}

TEST_CASE_TEMPLATE("pr_roi_pool: boxes without area, or next to none, endless or not numbers give 0", T, float,
                   double) {
  const auto x = make_tensor<T, 3>({2, 5, 6}, T(1));
  const T infinite = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
  const std::vector<T> corners{2, 2, 2, 4, 3, 4, 1, 5, nan, 1, 3, 3, 0, 0, infinite, 3, 0, 0, T(1e-30), T(1e-30)};
  const TensorView<const T, 2> boxes(corners.data(), {5, 4});
  auto y = make_tensor<T, 4>({5, 2, 2, 3}, T(9));
  const auto dy = make_tensor<T, 4>({5, 2, 2, 3}, T(1));
  auto dx = make_tensor<T, 3>({2, 5, 6});
  auto d = make_tensor<T, 2>({5, 4});
  const RoiOptions options{2, 3, 1};
  kernels::pr_roi_pool<T>(x, boxes, options, y);
  kernels::pr_roi_pool_backward<T>(boxes, options, dy, dx);
  kernels::pr_roi_pool_backward_boxes<T>(x, boxes, options, dy, d);
  for (const T v : y) CHECK(v == 0);
  for (const T v : dx) CHECK(v == 0);
  for (const T v : d) CHECK(v == 0);
}

TEST_CASE("pr_roi_pool: shapes that do not fit are errors") {
  auto x = make_tensor<float, 3>({2, 5, 6});
  auto boxes = make_tensor<float, 2>({3, 4}), three = make_tensor<float, 2>({3, 3});
  auto y = make_tensor<float, 4>({3, 2, 2, 2}), other = make_tensor<float, 4>({3, 2, 2, 1});
  CHECK_NOTHROW(kernels::pr_roi_pool<float>(x, boxes, {2, 2, 1}, y));
  CHECK_THROWS_AS(kernels::pr_roi_pool<float>(x, boxes, {2, 2, 1}, other), ShapeError);
  CHECK_THROWS_AS(kernels::pr_roi_pool<float>(x, three, {2, 2, 1}, y), ShapeError);
  CHECK_THROWS_AS(kernels::pr_roi_pool<float>(x, boxes, {2, 2, 0}, y), ShapeError);
  CHECK_THROWS_AS(kernels::pr_roi_pool_backward<float>(boxes, {2, 2, 1}, other, x), ShapeError);
  CHECK_THROWS_AS(kernels::pr_roi_pool_backward_boxes<float>(x, boxes, {2, 2, 1}, y, three), ShapeError);
}
