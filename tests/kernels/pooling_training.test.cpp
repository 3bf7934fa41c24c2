// SPDX-License-Identifier: MIT
#include <pursuit/check/gradient.hpp>
#include <pursuit/check/noise.hpp>
#include <pursuit/kernels/pooling_training.hpp>

#include <doctest/doctest.h>

#include <vector>

using namespace pursuit;

namespace {

using In = std::span<const double>;
using Out = std::span<double>;

struct Case {
  Shape<4> x;
  kernels::PoolingOptions options;
};
const Case cases[] = {
    {{2, 3, 9, 7}, {.kernel = 3, .stride = 2}},
    {{2, 1, 8, 6}, {.kernel = 3, .stride = 2}},  // the last column and row are seen by no window
    {{2, 1, 5, 13}, {.kernel = 3, .stride = 2, .padding = 1}},
    {{1, 2, 6, 5}, {.kernel = 2, .stride = 2}},
};

template <class Pool, class Backward>
check::GradientReport report(const Case& c, const Pool& pool, const Backward& backward) {
  const Shape<4> shape = kernels::pooling_shape("test", c.x, c.options);
  const auto n = static_cast<std::size_t>(volume(shape));
  const auto x = check::noise(static_cast<std::size_t>(volume(c.x)), 3), upstream = check::noise(n, 4);
  const auto forward = [&](In at) {
    std::vector<double> y(n);
    pool(TensorView<const double, 4>(at.data(), c.x), c.options, TensorView<double, 4>(y.data(), shape));
    return y;
  };
  const auto value = [&](In at) {
    double sum = 0;
    const auto y = forward(at);
    for (std::size_t i = 0; i < n; ++i) sum += y[i] * upstream[i];
    return sum;
  };
  const auto gradient = [&](In at, Out d) {
    const auto y = forward(at);
    backward(TensorView<const double, 4>(at.data(), c.x), TensorView<const double, 4>(y.data(), shape),
             TensorView<const double, 4>(upstream.data(), shape), c.options, TensorView<double, 4>(d.data(), c.x));
  };
  return check::gradient(value, gradient, x);
}

}  // namespace

TEST_CASE("pooling: gradients agree with central differences, and a wrong one is caught") {
  const auto largest = [](auto x, auto o, auto y) { kernels::max_pool(x, o, y); };
  const auto mean = [](auto x, auto o, auto y) { kernels::average_pool(x, o, y); };
  const auto to_largest = [](auto x, auto y, auto dy, auto o, auto dx) {
    kernels::max_pool_backward<double>(x, y, dy, o, dx);
  };
  const auto to_all = [](auto, auto, auto dy, auto o, auto dx) { kernels::average_pool_backward<double>(dy, o, dx); };
  for (const Case& c : cases) {
    CAPTURE(concat(c.x));
    const auto a = report(c, largest, to_largest), b = report(c, mean, to_all);
    INFO(a);
    INFO(b);
    CHECK(a.worst < 1e-7);
    CHECK(b.worst < 1e-7);
    CHECK(report(c, largest, to_all).worst > 1e-2);
    CHECK(report(c, mean, to_largest).worst > 1e-2);
  }
}

TEST_CASE("pooling: of several largest cells the first gets the gradient") {
  const std::vector<float> x(9, 2.0F), y(1, 2.0F), dy(1, 5.0F);
  std::vector<float> dx(9, 7.0F);
  kernels::max_pool_backward<float>({x.data(), {1, 1, 3, 3}}, {y.data(), {1, 1, 1, 1}}, {dy.data(), {1, 1, 1, 1}},
                                    {.kernel = 3, .stride = 1}, {dx.data(), {1, 1, 3, 3}});
  CHECK(dx == std::vector<float>{5, 0, 0, 0, 0, 0, 0, 0, 0});
}
