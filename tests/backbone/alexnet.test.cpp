// SPDX-License-Identifier: MIT
#include "../nn/reference_walk.hpp"
#include "golden_input.hpp"

#include <pursuit/backbone/alexnet.hpp>
#include <pursuit/concepts/backbone.hpp>
#include <pursuit/kernels/cross_correlation.hpp>

#include <doctest/doctest.h>

#include <support/compiled_networks.hpp>

#include <algorithm>
#include <cmath>

using namespace pursuit;

static_assert(Backbone<AlexNet<>>);
static_assert(AlexNet<>::channels == 256 && AlexNet<>::stride == 8);
static_assert(AlexNet<alexnet_v2>::channels == 32 && AlexNet<alexnet_v2>::stride == 4);

namespace {
// A sixteenth of the published widths.
constexpr AlexNetShape thin{.width = {6, 16, 24, 24, 16}};
}  // namespace

TEST_CASE("AlexNet: features and responses are those of the public code") {
  const Weights expected = golden("alexnet.safetensors");
  AlexNet<> net(Weights::random(7));
  const auto z_pixels = golden_pixels(11, {1, 3, 127, 127}), x_pixels = golden_pixels(12, {3, 3, 255, 255});
  const auto z_map = net.extract(z_pixels).top().values;
  REQUIRE(z_map.shape == Shape<4>{1, 256, 6, 6});
  auto z = make_tensor<float, 4>(z_map.shape);
  std::copy(z_map.begin(), z_map.end(), z.data());
  // Rounding after five layers with sums of up to 2304 terms; the issue allows 1e-4.
  CHECK(golden_difference(z_map, 11, expected.get<1>("exemplar", {838})) < 1e-5);

  const auto x = net.extract(x_pixels).top().values;
  REQUIRE(x.shape == Shape<4>{3, 256, 22, 22});
  CHECK(golden_difference(x, 251, expected.get<1>("search", {1481})) < 1e-5);

  auto response = make_tensor<float, 3>({3, 17, 17});
  kernels::cross_correlation(z, x, response, 0.001F);
  const auto theirs = expected.get<3>("response", {3, 17, 17});
  double difference = 0, magnitude = 0;
  for (std::size_t i = 0; i < theirs.size(); ++i) {
    difference = std::max<double>(difference, std::abs(response.data()[i] - theirs.data()[i]));
    magnitude = std::max<double>(magnitude, std::abs(theirs.data()[i]));
  }
  CHECK(difference < 1e-5 * magnitude);
}

TEST_CASE("AlexNet: batch norm with statistics of its own is that of the public code") {
  const Weights file = golden("alexnet_narrow.safetensors");
  AlexNet<thin> net(file);
  const auto x = golden_pixels(13, {1, 3, 127, 143});
  const auto maps = net.extract(x);
  CHECK(maps.levels == 1);
  CHECK(maps.top().stride == 8);
  REQUIRE(maps.top().values.shape == Shape<4>{1, 16, 6, 8});
  const auto theirs = file.get<4>("features", {1, 16, 6, 8});
  auto flat = make_tensor<float, 1>({16 * 6 * 8});
  std::copy(theirs.begin(), theirs.end(), flat.begin());
  CHECK(golden_difference(maps.top().values, 1, flat) < 1e-5);
}

TEST_CASE("AlexNet: the variants agree with a walk over their layers") {
  constexpr AlexNetShape thin_v2{.width = {6, 16, 24, 24, 4}, .second_pool_stride = 1};
  constexpr AlexNetShape thin_v3{.width = {4, 8, 12, 12, 8}, .grouped = false, .last_norm = true};
  const auto error = [](const AlexNetShape& shape, auto net, Shape<4> expected_shape) {
    AlexNetLayers layers(shape);
    nn::load(layers, Weights::random(3), "backbone.");
    const auto x = golden_pixels(5, {1, 3, 95, 103});
    ReferenceWalk walk;
    const Tensor<double, 4> expected = layers.compile(walk, Tensor<double, 4>(x));
    const auto y = net.extract(x).top().values;
    REQUIRE(y.shape == expected_shape);
    double difference = 0, magnitude = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      difference = std::max(difference, std::abs(y.data[i] - expected.data()[i]));
      magnitude = std::max(magnitude, std::abs(expected.data()[i]));
    }
    return difference / magnitude;
  };
  CHECK(error(thin, AlexNet<thin>(Weights::random(3)), {1, 16, 2, 3}) < 1e-5);
  CHECK(error(thin_v2, AlexNet<thin_v2>(Weights::random(3)), {1, 4, 9, 11}) < 1e-5);
  CHECK(error(thin_v3, AlexNet<thin_v3>(Weights::random(3)), {1, 8, 2, 3}) < 1e-5);
}

TEST_CASE("AlexNet: the tensors are named as published") {
  const auto specs = AlexNet<>::tensors();
  CHECK(specs.size() == 5 * 2 + 4 * 4);
  const auto has = [&](const TensorSpec& spec) { return std::ranges::find(specs, spec) != specs.end(); };
  CHECK(has({"backbone.conv1.0.weight", {96, 3, 11, 11}}));
  CHECK(has({"backbone.conv2.0.weight", {256, 48, 5, 5}}));
  CHECK(has({"backbone.conv4.1.running_var", {384}}));
  CHECK(has({"backbone.conv5.0.bias", {256}}));
  const auto third = AlexNet<alexnet_v3>::tensors("");
  CHECK(std::ranges::find(third, TensorSpec{"conv5.1.running_mean", {512}}) != third.end());
  CHECK_THROWS_WITH_AS(AlexNet<>(golden("alexnet_narrow.safetensors")), doctest::Contains("backbone.conv1.0.weight"),
                       FileError);
}

TEST_CASE("AlexNet: a patch smaller than the network's reach is refused") {
  AlexNet<thin> net(Weights::random(1));
  const auto least = golden_pixels(1, {1, 3, 87, 87}), less = golden_pixels(1, {1, 3, 86, 87});
  CHECK(net.extract(least).top().values.shape == Shape<4>{1, 16, 1, 1});
  CHECK_THROWS_AS(net.extract(less), ShapeError);
}
