// SPDX-License-Identifier: MIT
#include "golden_loss.hpp"

#include <pursuit/check/gradient.hpp>
#include <pursuit/check/noise.hpp>
#include <pursuit/loss/lifted_fidelity.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace pursuit;

namespace {

constexpr Shape<4> narrow{2, 3, 4, 5}, wide{2, 6, 4, 5};

template <class T>
std::vector<T> noise(std::size_t n, std::uint64_t seed) {
  const auto values = check::noise(n, seed);
  return {values.begin(), values.end()};
}
template <class T>
loss::LiftedFidelity<T> lifted(double slip = 1) {
  const auto values = check::noise(18, 21);
  AlignedVector<T> a(values.begin(), values.end());
  a[4] *= static_cast<T>(slip);
  return {3, 6, a};
}

}  // namespace

TEST_CASE_TEMPLATE("LiftedFidelity: agrees with automatic differentiation", T, float, double) {
  const auto student = noise<T>(120, 11), teacher = noise<T>(240, 12);
  const auto loss = lifted<T>();
  std::vector<T> d(120, T(9));
  const TensorView<const T, 4> u(student.data(), narrow), v(teacher.data(), wide);
  CHECK(golden_difference(std::vector<T>{loss.value(u, v)}, "lifted_fidelity") < golden_tolerance<T>);
  loss.gradient(u, v, {d.data(), narrow});
  CHECK(golden_difference(d, "lifted_fidelity.d0") < golden_tolerance<T>);
}

TEST_CASE("LiftedFidelity: the gradient agrees with central differences, and a wrong one is caught") {
  const auto student = noise<double>(120, 11), teacher = noise<double>(240, 12);
  const TensorView<const double, 4> v(teacher.data(), wide);
  const auto check = [&](double slip) {
    return check::gradient(
        [&](std::span<const double> u) {
          return lifted<double>().value({u.data(), narrow}, v);
        },
        [&](std::span<const double> u, std::span<double> d) {
          lifted<double>(slip).gradient({u.data(), narrow}, v, {d.data(), narrow});
        },
        {.entries = 40}, check::Input{"student", student});
  };
  const auto right = check(1);
  INFO(right);
  CHECK(right.worst < 1e-7);
  CHECK(check(1.05).worst > 1e-3);
}

TEST_CASE("LiftedFidelity: a random lifting keeps the size of maps, and is that of its seed") {
  const Index student = 32, teacher = 128;
  const Shape<4> shape{1, student, 4, 4};
  const auto values = noise<double>(512, 1);
  const std::vector<double> zeros(2048, 0.0);
  const TensorView<const double, 4> u(values.data(), shape), v(zeros.data(), {1, teacher, 4, 4});
  const auto value = [&](std::uint64_t seed) {
    return loss::LiftedFidelity<double>(student, teacher, Random(seed)).value(u, v);
  };
  // C 2 / (C + C') times the square of uniform noise, 1 / 3; 2048 numbers that come from 512 vary by some 5 %.
  CHECK(value(1) == doctest::Approx(0.4 / 3).epsilon(0.2));
  CHECK(value(1) == value(1));
  CHECK(value(1) != value(2));
  CHECK_THROWS_AS(loss::LiftedFidelity<double>(3, 6, AlignedVector<double>(17)), ShapeError);
  CHECK_THROWS_AS(loss::LiftedFidelity<double>(student, teacher, Random(1)).value(u, u), ShapeError);
}
