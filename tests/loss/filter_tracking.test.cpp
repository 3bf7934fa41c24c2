// SPDX-License-Identifier: MIT
#include "golden_loss.hpp"

#include <pursuit/check/gradient.hpp>
#include <pursuit/check/noise.hpp>
#include <pursuit/loss/correlation_filter.hpp>
#include <pursuit/loss/filter_tracking.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

using namespace pursuit;

namespace {

constexpr Shape<4> shape{3, 4, 8, 7};
constexpr Shape<3> label_shape{3, 8, 7};
constexpr std::size_t size = 672;

template <class T>
struct Case {
  static std::vector<T> noise(std::uint64_t seed) {
    const auto values = check::noise(size, seed);
    return {values.begin(), values.end()};
  }
  static std::vector<T> label(std::vector<Box> boxes) {
    std::vector<T> values(168);
    loss::response_label<T>(boxes, 8, 0.25, {values.data(), label_shape});
    return values;
  }
  static constexpr Box a{8, 12, 20, 16}, b{20, 6, 16, 22}, c{14, 20, 10, 30};
  std::vector<T> x = noise(22), z = noise(23), of_x = label({a, b, c}), of_z = label({c, b, a});
  loss::FilterTracking<T> loss{};
  typename loss::FilterTracking<T>::Cache cache{};

  T value(std::span<const T> first, std::span<const T> second) {
    return loss.value({first.data(), shape}, {second.data(), shape}, {of_x.data(), label_shape},
                      {of_z.data(), label_shape}, cache);
  }
  void gradient(std::span<T> dx, std::span<T> dz) { loss.gradient(cache, {dx.data(), shape}, {dz.data(), shape}); }
};

}  // namespace

TEST_CASE_TEMPLATE("FilterTracking: agrees with automatic differentiation", T, float, double) {
  Case<T> c;
  std::vector<T> dx(size, T(9)), dz(size, T(9));
  CHECK(golden_difference(std::vector<T>{c.value(c.x, c.z)}, "filter_tracking") < golden_tolerance<T>);
  c.gradient(dx, dz);
  CHECK(golden_difference(dx, "filter_tracking.d0") < golden_tolerance<T>);
  CHECK(golden_difference(dz, "filter_tracking.d1") < golden_tolerance<T>);
}

TEST_CASE("FilterTracking: gradients agree with central differences, and a wrong one is caught") {
  Case<double> c;
  using In = std::span<const double>;
  using Out = std::span<double>;
  const auto check = [&](double slip) {
    return check::gradient([&](In x, In z) { return c.value(x, z); },
                           [&](In x, In z, Out dx, Out dz) {
                             c.value(x, z);
                             c.cache.error[0] += slip;
                             c.gradient(dx, dz);
                           },
                           {.entries = 40}, check::Input{"x", c.x}, check::Input{"z", c.z});
  };
  const auto right = check(0);
  INFO(right);
  CHECK(right.worst < 1e-7);
  CHECK(check(0.05).worst > 1e-3);
}

TEST_CASE("FilterTracking: one channel that learned from the patch it is asked about answers the label") {
  Case<double> c;
  loss::FilterTracking<double> exact(1e-12);
  const Shape<4> one{1, 1, 8, 7};
  const TensorView<const double, 4> x(c.x.data(), one);
  const TensorView<const double, 3> label(c.of_x.data(), {1, 8, 7});
  CHECK(exact.value(x, x, label, label, c.cache) < 1e-18);
  CHECK(exact.value(x, {c.z.data(), one}, label, label, c.cache) > 1e-3);
}

TEST_CASE("FilterTracking: maps and labels that do not fit are errors") {
  Case<double> c;
  const TensorView<const double, 4> x(c.x.data(), shape);
  const TensorView<const double, 3> label(c.of_x.data(), label_shape), fewer(c.of_x.data(), {2, 8, 7});
  CHECK_THROWS_AS(c.loss.value(x, {c.z.data(), {3, 2, 8, 7}}, label, label, c.cache), ShapeError);
  CHECK_THROWS_AS(c.loss.value(x, x, fewer, label, c.cache), ShapeError);
  CHECK_THROWS_AS(c.loss.value(x, x, label, fewer, c.cache), ShapeError);
}
