// SPDX-License-Identifier: MIT
#include "golden_input.hpp"

#include <pursuit/backbone/residual_features.hpp>
#include <pursuit/concepts/backbone.hpp>

#include <doctest/doctest.h>

#include <support/compiled_networks.hpp>
#include <support/thin_resnet.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace pursuit;
using test::thin;

namespace {

static_assert(Backbone<ResidualFeatures<>>);
static_assert(ResidualFeatures<>::channels == 256 && ResidualFeatures<>::fine_channels == 128);
static_assert(ResidualFeatures<resnet50>::channels == 1024 && ResidualFeatures<resnet50>::fine_channels == 512);
static_assert(ResidualFeatures<resnet18_small>::channels == 64 && ResidualFeatures<resnet18_tiny>::channels == 32);

template <ResNetShape Shape>
void compare(const std::string& name) {
  CAPTURE(name);
  // The golden file has torchvision's networks, whose names have no prefix.
  ResidualFeatures<Shape> net(Weights::random(7), "");
  const auto x = golden_pixels(21, {2, 3, 79, 101});
  const FeatureMaps<> maps = net.extract(x);
  REQUIRE(maps.levels == 2);
  const Weights expected = golden("resnet.safetensors");
  for (std::size_t i = 0; i < 2; ++i) {
    const auto& values = maps.level[i].values;
    CHECK(maps.level[i].stride == (i == 0 ? 8 : 16));
    // As in resnet.test.cpp: sums of another order, through up to 40 layers.
    CHECK(golden_difference(values, 7, expected.get<1>(concat(name, ".", i + 2), {(values.size() + 6) / 7})) < 2e-5);
  }
}

}  // namespace

TEST_CASE("ResidualFeatures: stages 2 and 3 of torchvision's networks") {
  compare<thin(resnet18)>("resnet18");
  compare<thin(resnet50)>("resnet50");
}

TEST_CASE("ResidualFeatures: tensors are named as in pytracking's files") {
  const std::vector<TensorSpec> all = ResidualFeatures<>::tensors();
  const auto has = [&](const TensorSpec& one) { return std::ranges::find(all, one) != all.end(); };
  CHECK(has({"feature_extractor.conv1.weight", {64, 3, 7, 7}}));
  CHECK(has({"feature_extractor.layer3.0.downsample.1.running_mean", {256}}));
  CHECK(std::ranges::none_of(all, [](const TensorSpec& t) { return t.name.find("layer4") != std::string::npos; }));
}
