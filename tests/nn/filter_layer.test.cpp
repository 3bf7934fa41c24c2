// SPDX-License-Identifier: MIT
#include "loss/golden_loss.hpp"

#include <pursuit/check/gradient.hpp>
#include <pursuit/check/noise.hpp>
#include <pursuit/nn/filter_layer.hpp>

#include <doctest/doctest.h>

#include <array>
#include <vector>

using namespace pursuit;

namespace {

using Options = nn::FilterOptions;
using In = std::span<const double>;
using Out = std::span<double>;

constexpr Shape<4> x_shape{2, 3, 6, 5}, y_shape{2, 2, 6, 5};
constexpr Shape<6> z_shape{2, 2, 4, 3, 6, 5};

struct Form {
  const char* name;
  Options options;
};
const std::array<Form, 3> forms{{
    {"layer.shared", {.regularization = 0.01}},
    {"layer.alone", {.regularization = 0.01, .denominator = Options::Denominator::of_channel}},
    {"layer.each", {.regularization = 0.01, .response = Options::Response::each_channel}},
}};

template <class T>
std::vector<T> noise(std::size_t n, std::uint64_t seed) {
  const auto values = check::noise(n, seed);
  return {values.begin(), values.end()};
}

/// The sum of the response times what the golden file takes for it, and its gradients.
template <class T>
T pass(const Options& options, std::span<const T> x, std::span<const T> z, std::span<T> dx, std::span<T> dz) {
  const nn::FilterLayer<T> layer(options);
  typename nn::FilterLayer<T>::Cache cache;
  const auto labels = noise<T>(120, 19), all = noise<T>(180, 20);
  const Shape<4> shape = layer.output_shape(x_shape);
  std::vector<T> g(static_cast<std::size_t>(volume(shape))), d(g.size());
  const std::array weights{T(0.75), T(0.5)};
  for (std::size_t i = 0; i < d.size(); ++i) d[i] = shape[1] == 1 ? all[i / 30 * 90 + i % 30] : all[i];
  layer.forward({x.data(), x_shape}, {z.data(), z_shape}, {labels.data(), y_shape}, weights, cache, {g.data(), shape});
  if (!dx.empty()) layer.backward({d.data(), shape}, cache, {dx.data(), x_shape}, {dz.data(), z_shape});
  T sum = 0;
  for (std::size_t i = 0; i < d.size(); ++i) sum += d[i] * g[i];
  return sum;
}

}  // namespace

TEST_CASE_TEMPLATE("FilterLayer: agrees with automatic differentiation", T, float, double) {
  const auto x = noise<T>(180, 17), z = noise<T>(1440, 18);
  for (const Form& form : forms) {
    const std::string name = form.name;
    CAPTURE(name);
    std::vector<T> dx(180, T(9)), dz(1440, T(9));
    const T value = pass<T>(form.options, x, z, dx, dz);
    CHECK(golden_difference(std::vector<T>{value}, name) < golden_tolerance<T>);
    CHECK(golden_difference(dx, name + ".d0") < golden_tolerance<T>);
    CHECK(golden_difference(dz, name + ".d1") < golden_tolerance<T>);
  }
}

TEST_CASE("FilterLayer: gradients agree with central differences, and a wrong one is caught") {
  const auto x = check::noise(180, 17), z = check::noise(1440, 18);
  const auto check = [&](const Options& of_value, const Options& of_gradient) {
    return check::gradient([&](In a, In b) { return pass<double>(of_value, a, b, {}, {}); },
                           [&](In a, In b, Out da, Out db) { pass<double>(of_gradient, a, b, da, db); },
                           {.entries = 12}, check::Input{"x", x}, check::Input{"z", z});
  };
  for (const Form& form : forms) {
    const auto right = check(form.options, form.options);
    INFO(right);
    CHECK(right.worst < 1e-7);
  }
  CHECK(check(forms[0].options, forms[1].options).worst > 1e-2);
  CHECK(check(forms[0].options, {.regularization = 0.01, .context = 0.11}).worst > 1e-3);
}

TEST_CASE("FilterLayer: on the sample that it learned from, without surroundings, it gives the label") {
  const auto x = noise<double>(90, 3);
  std::vector<double> label(30, 0.0), g(30);
  label[7] = 1;  // a displaced target
  label[8] = 0.5;
  const nn::FilterLayer<double> layer({.regularization = 1e-9});
  nn::FilterLayer<double>::Cache cache;
  const std::array weights{1.0};
  layer.forward({x.data(), {1, 3, 6, 5}}, {x.data(), {1, 1, 1, 3, 6, 5}}, {label.data(), {1, 1, 6, 5}}, weights, cache,
                {g.data(), {1, 1, 6, 5}});
  for (std::size_t i = 0; i < 30; ++i) CHECK(g[i] == doctest::Approx(label[i]).scale(1).epsilon(1e-6));
  CHECK_THROWS_AS(layer.forward({x.data(), {1, 3, 6, 5}}, {x.data(), {1, 1, 1, 3, 5, 6}}, {label.data(), {1, 1, 6, 5}},
                                weights, cache, {g.data(), {1, 1, 6, 5}}),
                  ShapeError);
}
