// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <pursuit/check/gradient.hpp>
#include <pursuit/check/noise.hpp>
#include <pursuit/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <sstream>
#include <vector>

using namespace pursuit;

namespace {

using In = std::span<const double>;
using Out = std::span<double>;

/// Weighted logistic loss: L = sum_k w_k log(1 + exp(-y_k s_k)).
struct Logistic {
  static double value(In s, In y, In w) {
    double sum = 0;
    for (std::size_t k = 0; k < s.size(); ++k) sum += w[k] * std::log1p(std::exp(-y[k] * s[k]));
    return sum;
  }
  static void gradient(In s, In y, In w, Out ds) {
    for (std::size_t k = 0; k < s.size(); ++k) ds[k] = -w[k] * y[k] / (1 + std::exp(y[k] * s[k]));
  }
};

/// sum_k x_k^3, and its gradient times `factor`.
double cubes(In x) {
  double sum = 0;
  for (const double v : x) sum += v * v * v;
  return sum;
}
auto cubes_gradient(double factor = 1) {
  return [factor](In x, Out dx) {
    for (std::size_t i = 0; i < x.size(); ++i) dx[i] = factor * 3 * x[i] * x[i];
  };
}

}  // namespace

TEST_CASE("gradient: a right one agrees to 1e-9, one with a dropped sign does not") {
  const std::vector<double> s = check::noise(24, 7), w(24, 1.0 / 24);
  std::vector<double> y(24, -1.0);
  y[3] = y[4] = 1.0;
  const auto value = [&](auto x) { return Logistic::value(x, y, w); };
  const auto hand = check::gradient(
      value, [&](auto x, auto dx) { Logistic::gradient(x, y, w, dx); }, s);
  INFO(hand);
  CHECK(hand.worst < 1e-9);
  CHECK(hand.uncertainty < 1e-9);
  CHECK(hand.checked == 24);
  CHECK(hand.kinks == 0);
  const auto slip = check::gradient(
      value, [&](auto x, auto dx) { Logistic::gradient(x, w, w, dx); }, s);
  CHECK(slip.worst > 1e-2);
}

TEST_CASE("gradient: an error of one part in a million is seen and measured") {
  const auto x = check::noise(10, 1);
  const auto report = check::gradient(cubes, cubes_gradient(1 + 1e-6), x);
  CHECK(report.worst == doctest::Approx(1e-6).epsilon(1e-3));
}

TEST_CASE("gradient: the worst entry is named, with both numbers") {
  const std::vector<double> x{1, 2, 3, 4};
  const auto report = check::gradient(
      cubes,
      [](In v, Out dv) {
        cubes_gradient()(v, dv);
        dv[2] += 0.5;
      },
      x);
  CHECK(report.index == 2);
  CHECK(report.hand == 27.5);
  CHECK(report.numeric == doctest::Approx(27).epsilon(1e-9));
  CHECK(report.worst == doctest::Approx(0.5 / 27.5).epsilon(1e-6));
  std::ostringstream text;
  text << report;
  CHECK(text.str().find("[2]: by hand 27.5, by differences 27 ") != std::string::npos);
}

TEST_CASE("gradient: entries that are zero among large ones are neither failed nor passed over") {
  // d/dx of 1000 x_0^2 + 0 x_1: the differences along x_1 are rounding only.
  const auto value = [](In x) { return 1000 * x[0] * x[0]; };
  const std::vector<double> x{0.7, 0.3};
  const auto right = [](In v, Out dv) { dv[0] = 2000 * v[0], dv[1] = 0; };
  CHECK(check::gradient(value, right, x).worst < 1e-9);
  const auto wrong = [](In v, Out dv) { dv[0] = 2000 * v[0], dv[1] = 1e-3; };
  CHECK(check::gradient(value, wrong, x).worst > 1e-4);
  // A gradient that is zero throughout.
  CHECK(check::gradient([](In) { return 5.0; }, [](In, Out dv) { dv[0] = dv[1] = 0; }, x).worst == 0);
}

TEST_CASE("gradient: small and large inputs, and ones near the border of the domain") {
  const std::vector<double> tiny{3e-7, -2e-7}, large{4e5, -7e6};
  CHECK(check::gradient(cubes, cubes_gradient(), tiny, {.typical = 1e-7}).worst < 1e-9);
  CHECK(check::gradient(cubes, cubes_gradient(), large).worst < 1e-9);
  const std::vector<double> near_zero{1e-3, 2.0};
  const auto report = check::gradient([](In x) { return std::log(x[0]) + std::log(x[1]); },
                                      [](In x, Out dx) { dx[0] = 1 / x[0], dx[1] = 1 / x[1]; }, near_zero);
  INFO(report);
  CHECK(report.worst < 1e-7);
}

TEST_CASE("gradient: at a kink every slope between the two sides is right, and no other") {
  const auto relu = [](In x) { return std::max(x[0], 0.0) + 3 * x[1]; };
  const auto with = [](double at_kink) {
    return [=](In x, Out dx) { dx[0] = x[0] > 0 ? 1 : x[0] < 0 ? 0 : at_kink, dx[1] = 3; };
  };
  const std::vector<double> on{0, 1}, off{0.02, 1};
  for (const double slope : {0.0, 0.5, 1.0}) {
    const auto report = check::gradient(relu, with(slope), on);
    INFO(report);
    CHECK(report.worst < 1e-9);
    CHECK(report.kinks == 1);
  }
  CHECK(check::gradient(relu, with(1.1), on).worst > 0.03);
  CHECK(check::gradient(relu, with(-0.1), on).worst > 0.03);
  // The first steps cross the kink at a distance of 0.02, the later ones do not.
  const auto beside = check::gradient(relu, with(0.5), off);
  CHECK(beside.worst < 1e-9);
  CHECK(beside.kinks == 0);
}

TEST_CASE("gradient: strong curvature is no kink") {
  const std::vector<double> x{0.0, 0.01};
  const auto report = check::gradient([](In v) { return 1e4 * v[0] * v[0] + std::exp(50 * v[1]); },
                                      [](In v, Out dv) { dv[0] = 2e4 * v[0], dv[1] = 50 * std::exp(50 * v[1]); }, x);
  INFO(report);
  CHECK(report.kinks == 0);
  CHECK(report.worst < 1e-7);
}

TEST_CASE("gradient: what is done to the buffer is found out") {
  const auto x = check::noise(5, 2);
  SUBCASE("an entry that is not written") {
    const auto report = check::gradient(
        cubes, [](In v, Out dv) { cubes_gradient()(v.first(4), dv.first(4)); }, x);
    CHECK(std::isinf(report.worst));
    CHECK(report.fault.find("entry 4") != std::string::npos);
  }
  const auto adding = [](In v, Out dv) {
    for (std::size_t i = 0; i < v.size(); ++i) dv[i] += 3 * v[i] * v[i];
  };
  SUBCASE("adding where it should assign") { CHECK(std::isinf(check::gradient(cubes, adding, x).worst)); }
  SUBCASE("assigning where it should add") {
    const auto report = check::gradient(cubes, cubes_gradient(), x, {.adds = true});
    CHECK(std::isinf(report.worst));
    CHECK(report.fault.find("was not added") != std::string::npos);
  }
  SUBCASE("adding where it should add") { CHECK(check::gradient(cubes, adding, x, {.adds = true}).worst < 1e-9); }
  SUBCASE("a NaN that was computed") {
    CHECK(std::isinf(check::gradient(
                         cubes, [](In, Out dv) { std::fill(dv.begin(), dv.end(), std::nan("")); }, x)
                         .worst));
  }
}

TEST_CASE("gradient: values that are not finite fail, whatever the gradient says") {
  const std::vector<double> x{1.0};
  const auto zero = [](In, Out dx) { dx[0] = 0; };
  CHECK(std::isinf(check::gradient([](In) { return std::nan(""); }, zero, x).worst));
  CHECK(std::isinf(check::gradient([](In v) { return v[0] == 1 ? 0.0 : std::nan(""); }, zero, x).worst));
}

TEST_CASE("gradient: several inputs, with the name of the one that is wrong") {
  const auto z = check::noise(3, 3), x = check::noise(3, 4);
  const auto value = [](In a, In b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * std::sin(b[i]);
    return sum;
  };
  const auto backward = [](double slip) {
    return [=](In a, In b, Out da, Out db) {
      for (std::size_t i = 0; i < a.size(); ++i) da[i] += std::sin(b[i]), db[i] += slip * a[i] * std::cos(b[i]);
    };
  };
  const check::GradientOptions adds{.adds = true};
  const auto right = check::gradient(value, backward(1), adds, check::Input{"z", z}, check::Input{"x", x});
  INFO(right);
  CHECK(right.worst < 1e-9);
  CHECK(right.checked == 6);
  const auto wrong = check::gradient(value, backward(1.01), adds, check::Input{"z", z}, check::Input{"x", x});
  CHECK(wrong.worst == doctest::Approx(0.01 / 1.01).epsilon(1e-6));
  CHECK(wrong.input == "x");
}

TEST_CASE("gradient: a draw of the entries") {
  const auto x = check::noise(1000, 5);
  const auto report = check::gradient(cubes, cubes_gradient(), x, {.entries = 20});
  CHECK(report.checked == 20);
  CHECK(report.worst < 1e-9);
  CHECK(check::gradient(cubes, cubes_gradient(1.1), x, {.entries = 20}).worst > 0.05);
}

TEST_CASE("gradient: needs an input") {
  CHECK_THROWS_AS(check::gradient(cubes, cubes_gradient(), std::vector<double>{}), Error);
}
