// SPDX-License-Identifier: MIT
#include "golden_loss.hpp"

#include <pursuit/check/gradient.hpp>
#include <pursuit/check/noise.hpp>
#include <pursuit/core/threads.hpp>
#include <pursuit/loss/correlation_filter.hpp>

#include <doctest/doctest.h>

#include <vector>

using namespace pursuit;

namespace {

constexpr Shape<4> t_shape{3, 5, 5, 5}, z_shape{3, 5, 8, 7};
constexpr Shape<3> q_shape{3, 8, 7};
const Box boxes[] = {{8, 12, 20, 16}, {20, 6, 16, 22}, {14, 20, 10, 30}};

template <class T>
std::vector<T> label() {
  std::vector<T> g(168);
  loss::response_label<T>(boxes, 8, 0.15, {g.data(), q_shape});
  return g;
}

}  // namespace

TEST_CASE_TEMPLATE("CorrelationFilter: agrees with automatic differentiation", T, float, double) {
  using Loss = loss::CorrelationFilter<T>;
  const auto td = check::noise(375, 13), zd = check::noise(840, 14);
  const std::vector<T> t(td.begin(), td.end()), z(zd.begin(), zd.end()), g = label<T>();
  CHECK(golden_difference(g, "label") < golden_tolerance<T>);
  typename Loss::Cache cache;
  for (const bool of_map : {true, false}) {
    const Loss loss(of_map ? Loss::Maximum::of_map : Loss::Maximum::of_batch);
    const std::string name = of_map ? "filter.map" : "filter.batch";
    CAPTURE(name);
    std::vector<T> dt(375, T(9)), dz(840, T(9));
    const T value = loss.value({t.data(), t_shape}, {z.data(), z_shape}, {g.data(), q_shape}, cache);
    loss.gradient({g.data(), q_shape}, cache, {dt.data(), t_shape}, {dz.data(), z_shape});
    CHECK(golden_difference(std::vector<T>{value}, name) < golden_tolerance<T>);
    CHECK(golden_difference(dt, name + ".d0") < golden_tolerance<T>);
    CHECK(golden_difference(dz, name + ".d1") < golden_tolerance<T>);
  }
}

TEST_CASE("CorrelationFilter: gradients agree with central differences, and a wrong one is caught") {
  set_threads(1);  // far too little work for two
  const auto t = check::noise(375, 13), z = check::noise(840, 14), g = label<double>();
  using In = std::span<const double>;
  using Out = std::span<double>;
  using Loss = loss::CorrelationFilter<double>;
  const Loss loss(Loss::Maximum::of_map), other(Loss::Maximum::of_batch);
  Loss::Cache cache;
  const auto value = [&](In a, In b) {
    return loss.value({a.data(), t_shape}, {b.data(), z_shape}, {g.data(), q_shape}, cache);
  };
  const auto backward = [&](const Loss& by) {
    return [&](In a, In b, Out da, Out db) {
      by.value({a.data(), t_shape}, {b.data(), z_shape}, {g.data(), q_shape}, cache);
      by.gradient({g.data(), q_shape}, cache, {da.data(), t_shape}, {db.data(), z_shape});
    };
  };
  const check::GradientOptions options{.entries = 40};
  const auto right = check::gradient(value, backward(loss), options, check::Input{"t", t}, check::Input{"z", z});
  INFO(right);
  CHECK(right.worst < 1e-7);
  CHECK(check::gradient(value, backward(other), options, check::Input{"t", t}, check::Input{"z", z}).worst > 1e-2);
}

TEST_CASE("response_label: each map has a box") {
  std::vector<double> g(4 * 56);
  CHECK_THROWS_AS(loss::response_label<double>(boxes, 8, 0.15, {g.data(), {4, 8, 7}}), ShapeError);
}

TEST_CASE("CorrelationFilter: responses that are nowhere positive count as none, without a gradient") {
  const std::vector<double> t(375, -1.0), z(840, 1.0), g = label<double>();
  std::vector<double> dt(375), dz(840);
  const loss::CorrelationFilter<double> loss;
  loss::CorrelationFilter<double>::Cache cache;
  double squares = 0;
  for (const double v : g) squares += v * v;
  CHECK(loss.value({t.data(), t_shape}, {z.data(), z_shape}, {g.data(), q_shape}, cache) ==
        doctest::Approx(squares / static_cast<double>(g.size())));
  loss.gradient({g.data(), q_shape}, cache, {dt.data(), t_shape}, {dz.data(), z_shape});
  for (const double d : dt) CHECK(d == 0);
  for (const double d : dz) CHECK(d == 0);
  CHECK_THROWS_AS(loss.value({t.data(), {3, 5, 5, 5}}, {z.data(), {3, 4, 8, 7}}, {g.data(), q_shape}, cache),
                  ShapeError);
}
