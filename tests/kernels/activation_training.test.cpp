// SPDX-License-Identifier: MIT
#include <pursuit/check/gradient.hpp>
#include <pursuit/check/noise.hpp>
#include <pursuit/kernels/activation_training.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <vector>

using namespace pursuit;
using kernels::Activation;

namespace {

using In = std::span<const double>;
using Out = std::span<double>;
using Forward = std::function<void(const double*, Index, double*)>;
using Backward = std::function<void(const double* x, const double* y, const double* dy, Index, double* dx)>;

check::GradientReport report(const Forward& forward, const Backward& backward) {
  const auto x = check::noise(64, 3, -8, 8), upstream = check::noise(64, 4);
  const auto value = [&](In at) {
    std::vector<double> y(64);
    forward(at.data(), 64, y.data());
    double sum = 0;
    for (std::size_t i = 0; i < 64; ++i) sum += y[i] * upstream[i];
    return sum;
  };
  const auto gradient = [&](In at, Out d) {
    std::vector<double> y(64);
    forward(at.data(), 64, y.data());
    std::copy(upstream.begin(), upstream.end(), d.begin());
    backward(at.data(), y.data(), d.data(), 64, d.data());  // in place
  };
  return check::gradient(value, gradient, x);
}

void agree(const Forward& forward, const Backward& backward) {
  const auto right = report(forward, backward);
  INFO(right);
  CHECK(right.worst < 1e-7);
  // The slope at a point beside: what a slip of an index does.
  const auto wrong = report(forward, [&](const double* x, const double* y, const double* dy, Index n, double* dx) {
    backward(x + 1, y + 1, dy, n - 1, dx);
  });
  CHECK(wrong.worst > 1e-2);
}

}  // namespace

TEST_CASE("activations: gradients agree with central differences, and a wrong one is caught") {
  for (const Activation a : {Activation::relu, Activation::relu6, Activation::hard_swish}) {
    CAPTURE(static_cast<int>(a));
    agree([=](const double* x, Index n, double* y) { kernels::activate(x, n, a, y); },
          [=](const double* x, const double*, const double* dy, Index n, double* dx) {
            kernels::activate_backward(x, dy, n, a, dx);
          });
  }
  agree([](const double* x, Index n, double* y) { kernels::sigmoid(x, n, y); },
        [](const double*, const double* y, const double* dy, Index n, double* dx) {
          kernels::sigmoid_backward(y, dy, n, dx);
        });
  agree([](const double* x, Index n, double* y) { kernels::hyperbolic_tangent(x, n, y); },
        [](const double*, const double* y, const double* dy, Index n, double* dx) {
          kernels::hyperbolic_tangent_backward(y, dy, n, dx);
        });
}

TEST_CASE("activations: the slope of relu and relu6 is known from their result") {
  for (const Activation a : {Activation::relu, Activation::relu6}) {
    const std::vector<float> x{-1, 0, 1, 5, 6, 7}, dy(6, 1);
    std::vector<float> y(6), by_x(6), by_y(6);
    kernels::activate(x.data(), 6, a, y.data());
    kernels::activate_backward(x.data(), dy.data(), 6, a, by_x.data());
    kernels::activate_backward(y.data(), dy.data(), 6, a, by_y.data());
    CHECK(by_x == by_y);
  }
}

TEST_CASE("sigmoid: far from zero it is 0 and 1, not a NaN") {
  const std::vector<float> x{-1000, -20, 0, 20, 1000};
  std::vector<float> y(5);
  kernels::sigmoid(x.data(), 5, y.data());
  CHECK(y[0] == 0);
  CHECK(y[1] == doctest::Approx(std::exp(-20.0)));
  CHECK(y[2] == 0.5F);
  CHECK(y[4] == 1);
}
