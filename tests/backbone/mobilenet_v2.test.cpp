// SPDX-License-Identifier: MIT
#include "golden_input.hpp"

#include <pursuit/backbone/mobilenet_v2.hpp>
#include <pursuit/concepts/backbone.hpp>

#include <doctest/doctest.h>

#include <support/compiled_networks.hpp>
#include <support/shared_folder.hpp>
#include <support/weight_files.hpp>

#include <algorithm>
#include <filesystem>
#include <string>

using namespace pursuit;

namespace {

constexpr MobileNetV2Shape thin(MobileNetV2Shape shape) {
  shape.thinner = 4;
  return shape;
}
constexpr MobileNetV2Shape longer(MobileNetV2Shape shape) {
  shape.last = 13;
  return shape;
}
using Thin = MobileNetV2<thin(mobilenet_v2)>;
using ThinKeras = MobileNetV2<thin(mobilenet_v2_keras)>;

static_assert(Backbone<MobileNetV2<>>);
static_assert(MobileNetV2<>::channels == 64 && MobileNetV2<>::fine_channels == 32 && MobileNetV2<>::stride == 16);
static_assert(MobileNetV2<longer(mobilenet_v2)>::channels == 96 && MobileNetV2<longer(mobilenet_v2)>::stride == 16);
static_assert(MobileNetV2Layers::stride(0) == 2 && MobileNetV2Layers::stride(1) == 2);
static_assert(MobileNetV2Layers::stride(2) == 4 && MobileNetV2Layers::stride(17) == 32);

Tensor<float, 4> numbers(std::uint64_t seed, const Shape<4>& shape) {
  Tensor<float, 4> x = golden_pixels(seed, shape);
  for (float& v : x) v = v / 64 - 2;
  return x;
}

/// Both levels against the numbers of the golden file.
void compare(const FeatureMaps<>& maps, const std::string& fine, const std::string& last) {
  const Weights expected = golden("mobilenet_v2.safetensors");
  REQUIRE(maps.levels == 2);
  const std::string keys[] = {fine, last};
  for (std::size_t i = 0; i < 2; ++i) {
    CAPTURE(keys[i]);
    const auto& values = maps.level[i].values;
    // Rounding after up to 35 layers; 1e-4 is asked for.
    CHECK(golden_difference(values, 7, expected.get<1>(keys[i], {(values.size() + 6) / 7})) < 1e-5);
  }
}

}  // namespace

TEST_CASE("MobileNetV2: random weights give what the public code gives") {
  Thin net(Weights::random(7));
  const auto x = numbers(21, {2, 3, 79, 101});
  const FeatureMaps<> maps = net.extract(x);
  CHECK(maps.level[0].stride == 8);
  CHECK(maps.level[1].stride == 16);
  CHECK(maps.level[0].values.shape == Shape<4>{2, 8, 10, 13});
  CHECK(maps.level[1].values.shape == Shape<4>{2, 16, 5, 7});
  compare(maps, "random.layer2", "random.layer3");
}

TEST_CASE("MobileNetV2: with folded batch norm and TensorFlow's padding") {
  ThinKeras net(Weights::random(7));
  const auto x = numbers(22, {1, 3, 78, 101});
  compare(net.extract(x), "folded.6", "folded.10");
}

TEST_CASE("MobileNetV2: weights that were trained on ImageNet load") {
  const auto file = test::shared_folder() / "weights/mobilenet_v2_imagenet.safetensors";
  if (!std::filesystem::exists(file)) {
    MESSAGE("skipped: no " << file.string());
    return;
  }
  MobileNetV2<longer(mobilenet_v2_keras)> net(load_weights(file));
  const auto x = numbers(22, {1, 3, 78, 101});
  compare(net.extract(x), "imagenet.6", "imagenet.13");
}

TEST_CASE("MobileNetV2: tensors are named as in the published files") {
  const auto has = [](const std::vector<TensorSpec>& all, const TensorSpec& one) {
    return std::ranges::find(all, one) != all.end();
  };
  const auto distilled = MobileNetV2<>::tensors(), keras = MobileNetV2<mobilenet_v2_keras>::tensors();
  CHECK(distilled.size() == 30 * 5);
  CHECK(has(distilled, {"feature_extractor.conv1.0.1.running_var", {32}}));
  CHECK(has(distilled, {"feature_extractor.layer1.0.conv.1.weight", {16, 32, 1, 1}}));
  CHECK(has(distilled, {"feature_extractor.layer3.3.conv.1.0.weight", {384, 1, 3, 3}}));
  CHECK(has(distilled, {"feature_extractor.layer3.3.conv.3.bias", {64}}));
  CHECK(keras.size() == 30 * 2);
  CHECK(has(keras, {"features.0.0.bias", {32}}));
  CHECK(has(keras, {"features.10.conv.2.weight", {64, 384, 1, 1}}));
}

TEST_CASE("MobileNetV2: pixels are what the weights were trained on") {
  const auto brought = [](const PixelFormat& f, std::size_t c, float v) { return (v - f.mean[c]) * f.scale[c]; };
  CHECK(brought(ThinKeras(Weights::random(7)).pixels(), 0, 255) == doctest::Approx(1));
  const PixelFormat rgb = Thin(Weights::random(7)).pixels();
  CHECK(rgb.order == PixelOrder::rgb);
  CHECK(brought(rgb, 1, 128) == doctest::Approx((128 / 255.0 - 0.456) / 0.224));
}
