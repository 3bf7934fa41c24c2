// SPDX-License-Identifier: MIT
#include <pursuit/nn/batch_norm2d.hpp>
#include <pursuit/nn/conv2d.hpp>
#include <pursuit/nn/initialise.hpp>
#include <pursuit/nn/linear.hpp>
#include <pursuit/nn/relu.hpp>
#include <pursuit/nn/sequential.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace pursuit;

namespace {

struct Spread {
  explicit Spread(const auto& tensor) {
    for (const double v : tensor) mean += v, square += v * v;
    mean /= static_cast<double>(tensor.size());
    square /= static_cast<double>(tensor.size());
  }
  double mean = 0, square = 0;
};

auto network(int first) {
  return nn::Sequential(nn::Conv2d<>(first, 64, 3), nn::BatchNorm2d<>(64), nn::ReLU{},
                        nn::Sequential(nn::Conv2d<>(64, 128, 1, {.groups = 2}), nn::Linear<>(128, 96)));
}

}  // namespace

TEST_CASE("initialise: weights have variance 2 / fan, biases and norms their neutral numbers") {
  for (const bool in : {true, false}) {
    auto net = network(16);
    for (float& v : net.layer<0>().bias) v = 7;
    for (float& v : net.layer<1>().running_var) v = 7;
    nn::initialise(net, Random(3), {.fan = in ? nn::Initialisation::Fan::in : nn::Initialisation::Fan::out});
    const auto close = [](const auto& tensor, double fan) {
      const Spread s(tensor);
      const auto n = static_cast<double>(tensor.size());
      // Four standard deviations of a mean, and of a mean of squares, of n normal numbers.
      CHECK(std::abs(s.mean) < 4 * std::sqrt(2 / fan / n));
      CHECK(s.square == doctest::Approx(2 / fan).epsilon(4 * std::sqrt(2 / n)));
    };
    close(net.layer<0>().weight, in ? 16 * 9 : 64 * 9);
    close(net.layer<3>().layer<0>().weight, in ? 32 : 128);
    close(net.layer<3>().layer<1>().weight, in ? 128 : 96);
    CHECK(std::ranges::all_of(net.layer<0>().bias, [](float v) { return v == 0; }));
    CHECK(std::ranges::all_of(net.layer<1>().weight, [](float v) { return v == 1; }));
    CHECK(std::ranges::all_of(net.layer<1>().running_var, [](float v) { return v == 1; }));
  }
}

TEST_CASE("initialise: a layer's numbers depend on its name and the seed only") {
  auto a = network(16), b = network(3), c = network(16);
  nn::initialise(a, Random(3), {.uniform_norms = true});
  nn::initialise(b, Random(3));
  nn::initialise(c, Random(4));
  CHECK(a.layer<3>().layer<1>().weight == b.layer<3>().layer<1>().weight);
  CHECK(a.layer<3>().layer<1>().weight != c.layer<3>().layer<1>().weight);
  const Spread norms(a.layer<1>().weight);
  CHECK(norms.mean == doctest::Approx(0.5).epsilon(0.3));  // four deviations of 64 numbers
  CHECK(a.layer<1>().weight(0) != a.layer<1>().weight(1));
}
