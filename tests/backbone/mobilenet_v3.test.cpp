// SPDX-License-Identifier: MIT
#include "../nn/reference_walk.hpp"
#include "golden_input.hpp"

#include <pursuit/backbone/mobilenet_v3.hpp>
#include <pursuit/concepts/backbone.hpp>

#include <doctest/doctest.h>

#include <support/compiled_networks.hpp>
#include <support/shared_folder.hpp>
#include <support/weight_files.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>

using namespace pursuit;

static_assert(Backbone<MobileNetV3<>>);
static_assert(MobileNetV3<>::channels == 96 && MobileNetV3<8>::channels == 48 && MobileNetV3<3>::channels == 24);
static_assert(MobileNetV3<>::stride == 16 && MobileNetV3<3>::stride == 8 && MobileNetV3<1>::stride == 4);

namespace {

/// The features of both patches against the numbers of a golden file.
template <int Blocks>
void compare(const Weights& weights, const std::string& key) {
  CAPTURE(key);
  const Weights expected = golden("nano_track.safetensors");
  constexpr int channels = MobileNetV3<Blocks>::channels;
  MobileNetV3<Blocks> net(weights);
  const auto z = golden_pixels(21, {1, 3, 127, 127}), x = golden_pixels(22, {1, 3, 255, 255});
  const auto z_map = net.extract(z).top().values;
  REQUIRE(z_map.shape == Shape<4>{1, channels, 8, 8});
  // Rounding after up to 27 layers; the issue allows 1e-4.
  CHECK(golden_difference(z_map, 7, expected.get<1>(key + ".exemplar", {channels == 96 ? 878 : 439})) < 1e-5);
  const auto x_map = net.extract(x).top().values;
  REQUIRE(x_map.shape == Shape<4>{1, channels, 16, 16});
  CHECK(golden_difference(x_map, 31, expected.get<1>(key + ".search", {channels == 96 ? 793 : 397})) < 1e-5);
}

}  // namespace

TEST_CASE("MobileNetV3: random weights give what the public code gives") {
  compare<8>(Weights::random(7), "v2.random");
  compare<9>(Weights::random(7), "v3.random");
}

TEST_CASE("MobileNetV3: published weights give what the public code gives") {
  const auto folder = test::shared_folder() / "weights";
  for (const int version : {1, 2, 3}) {
    const auto file = folder / concat("nanotrackv", version, ".safetensors");
    if (!std::filesystem::exists(file)) {
      MESSAGE("skipped: no " << file.string());
    } else if (version == 3) {
      compare<9>(load_weights(file), "v3.published");
    } else {
      compare<8>(load_weights(file), concat("v", version, ".published"));
    }
  }
}

TEST_CASE("MobileNetV3: agrees with a walk over its layers on any size of patch") {
  for (const Shape<4> shape : {Shape<4>{1, 3, 37, 50}, Shape<4>{2, 3, 16, 5}, Shape<4>{1, 3, 1, 1}}) {
    CAPTURE(concat(shape));
    MobileNetV3Layers layers(MobileNetV3Layers::all_blocks);
    nn::load(layers, Weights::random(2), "backbone.");
    const auto x = golden_pixels(4, shape);
    ReferenceWalk walk;
    const Tensor<double, 4> expected = layers.compile(walk, Tensor<double, 4>(x));
    MobileNetV3<> net(Weights::random(2));
    const auto y = net.extract(x).top().values;
    REQUIRE(y.shape == Shape<4>{shape[0], 96, (shape[2] + 15) / 16, (shape[3] + 15) / 16});
    double difference = 0, magnitude = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      difference = std::max(difference, std::abs(y.data[i] - expected.data()[i]));
      magnitude = std::max(magnitude, std::abs(expected.data()[i]));
    }
    CHECK(difference < 1e-5 * magnitude);
  }
}

TEST_CASE("MobileNetV3: the tensors are named as published") {
  const auto specs = MobileNetV3<>::tensors();
  const auto has = [&](const TensorSpec& spec) { return std::ranges::find(specs, spec) != specs.end(); };
  CHECK(has({"backbone.features.0.1.running_var", {16}}));
  CHECK(has({"backbone.features.1.conv.3.fc.0.weight", {8, 16}}));
  CHECK(has({"backbone.features.2.conv.7.weight", {24, 72, 1, 1}}));
  CHECK(has({"backbone.features.9.conv.5.fc.2.bias", {288}}));
  CHECK(MobileNetV3<8>::tensors().size() + 19 == specs.size());
}
