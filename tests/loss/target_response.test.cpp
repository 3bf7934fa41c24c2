// SPDX-License-Identifier: MIT
#include "golden_loss.hpp"

#include <pursuit/check/gradient.hpp>
#include <pursuit/check/noise.hpp>
#include <pursuit/core/threads.hpp>
#include <pursuit/loss/target_response.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace pursuit;

namespace {

constexpr Shape<4> t_shape{3, 5, 5, 5}, z_shape{3, 5, 8, 7}, big_t{3, 4, 5, 5}, big_z{3, 4, 8, 7};

template <class T>
struct Case {
  template <std::uint64_t Seed>
  static std::vector<T> noise(std::size_t n) {
    const auto values = check::noise(n, Seed);
    return {values.begin(), values.end()};
  }
  std::vector<T> t = noise<13>(375), z = noise<14>(840), teacher_t = noise<15>(300), teacher_z = noise<16>(672);
  std::vector<T> label{};  // none: maps count by their correlation
  typename loss::TargetResponse<T>::Cache cache;

  T value(std::span<const T> a, std::span<const T> b) {
    return loss::TargetResponse<T>{}.value(
        {a.data(), t_shape}, {b.data(), z_shape}, {teacher_t.data(), big_t}, {teacher_z.data(), big_z}, cache,
        label.empty() ? TensorView<const T, 3>{} : TensorView<const T, 3>(label.data(), {3, 8, 7}));
  }
  void gradient(std::span<const T> a, std::span<const T> b, std::span<T> da, std::span<T> db) {
    loss::TargetResponse<T>{}.gradient({a.data(), t_shape}, {b.data(), z_shape}, cache, {da.data(), t_shape},
                                       {db.data(), z_shape});
  }
};

}  // namespace

TEST_CASE_TEMPLATE("TargetResponse: agrees with automatic differentiation", T, float, double) {
  Case<T> c;
  std::vector<T> dt(375, T(9)), dz(840, T(9));
  CHECK(golden_difference(std::vector<T>{c.value(c.t, c.z)}, "target_response") < golden_tolerance<T>);
  c.gradient(c.t, c.z, dt, dz);
  CHECK(golden_difference(dt, "target_response.d0") < golden_tolerance<T>);
  CHECK(golden_difference(dz, "target_response.d1") < golden_tolerance<T>);
  const std::vector<double> label = golden_loss("label");
  c.label.assign(label.begin(), label.end());
  CHECK(golden_difference(std::vector<T>{c.value(c.t, c.z)}, "target_response.label") < golden_tolerance<T>);
  c.gradient(c.t, c.z, dt, dz);
  CHECK(golden_difference(dt, "target_response.label.d0") < golden_tolerance<T>);
  CHECK(golden_difference(dz, "target_response.label.d1") < golden_tolerance<T>);
}

TEST_CASE("TargetResponse: features that are all zero weigh nothing") {
  Case<float> c;
  std::ranges::fill(c.z, 0.0F);
  std::ranges::fill(c.teacher_z, 0.0F);
  std::vector<float> dt(375, 9.0F), dz(840, 9.0F);
  CHECK(std::isfinite(c.value(c.t, c.z)));
  c.gradient(c.t, c.z, dt, dz);
  CHECK(std::ranges::all_of(dt, [](float d) { return std::isfinite(d); }));
  CHECK(std::ranges::all_of(dz, [](float d) { return d == 0; }));
}

TEST_CASE("TargetResponse: gradients agree with central differences, and a wrong one is caught") {
  set_threads(1);  // far too little work for two
  Case<double> c;
  using In = std::span<const double>;
  using Out = std::span<double>;
  const auto value = [&](In a, In b) { return c.value(a, b); };
  const auto backward = [&](double slip) {
    return [&, slip](In a, In b, Out da, Out db) {
      c.value(a, b);
      c.cache.total *= slip;
      c.gradient(a, b, da, db);
    };
  };
  const auto check = [&](double slip) {
    return check::gradient(value, backward(slip), {.entries = 40}, check::Input{"t", c.t}, check::Input{"z", c.z});
  };
  const auto right = check(1);
  INFO(right);
  CHECK(right.worst < 1e-7);
  CHECK(check(1.05).worst > 1e-3);
  c.label = golden_loss("label");
  const auto labelled = check(1);
  INFO(labelled);
  CHECK(labelled.worst < 1e-7);
  CHECK(check(1.05).worst > 1e-3);
}

TEST_CASE("TargetResponse: maps that do not fit are errors, with a label and without") {
  Case<double> c;
  const TensorView<const double, 4> t(c.t.data(), t_shape), z(c.z.data(), z_shape),
      teacher_t(c.teacher_t.data(), big_t), teacher_z(c.teacher_z.data(), big_z),
      smaller(c.teacher_z.data(), {3, 4, 8, 5});
  const std::vector<double> numbers = golden_loss("label");
  const TensorView<const double, 3> label(numbers.data(), {3, 8, 7});
  const loss::TargetResponse<double> loss;
  CHECK_THROWS_AS(loss.value(t, z, teacher_t, smaller, c.cache), ShapeError);
  CHECK_THROWS_AS(loss.value(t, z, teacher_t, smaller, c.cache, label), ShapeError);
  CHECK_THROWS_AS(loss.value(t, z, teacher_z, teacher_z, c.cache), ShapeError);
  c.label = numbers;
  c.value(c.t, c.z);
  std::vector<double> dt(375), dz(840);
  CHECK_THROWS_AS(loss.gradient(t, z, c.cache, {dt.data(), t_shape}, {dz.data(), big_z}), ShapeError);
}
