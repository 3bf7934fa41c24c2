// SPDX-License-Identifier: MIT
#include "../nn/reference_walk.hpp"
#include "golden_input.hpp"

#include <pursuit/backbone/dcf_net.hpp>
#include <pursuit/concepts/backbone.hpp>

#include <doctest/doctest.h>

#include <support/compiled_networks.hpp>
#include <support/shared_folder.hpp>
#include <support/weight_files.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>

using namespace pursuit;

static_assert(Backbone<DcfNetFeatures>);

namespace {

Tensor<float, 4> patches() {
  auto x = golden_pixels(14, {2, 3, 125, 125});
  constexpr float mean[] = {104, 117, 123};
  for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] -= mean[i / (125 * 125) % 3];
  return x;
}

}  // namespace

TEST_CASE("DcfNetFeatures: random weights give what the public code gives") {
  DcfNetFeatures net(Weights::random(7));
  const auto x = patches();
  const auto maps = net.extract(x);
  REQUIRE(maps.top().values.shape == Shape<4>{2, 32, 125, 125});
  CHECK(maps.top().stride == 1);
  // Two layers with sums of at most 288 terms; the issue allows 1e-4.
  CHECK(golden_difference(maps.top().values, 499, golden("dcf_net.safetensors").get<1>("random", {2005})) < 5e-6);
}

TEST_CASE("DcfNetFeatures: published weights give what the public code gives") {
  const auto file = test::shared_folder() / "weights/dcfnet.safetensors";
  if (!std::filesystem::exists(file)) {
    MESSAGE("skipped: no " << file.string());
    return;
  }
  DcfNetFeatures net(load_weights(file));
  const auto x = patches();
  CHECK(golden_difference(net.extract(x).top().values, 499, golden("dcf_net.safetensors").get<1>("published", {2005})) <
        5e-6);
}

TEST_CASE("DcfNetFeatures: agrees with a walk over its layers on any size of patch") {
  for (const Shape<4> shape : {Shape<4>{1, 3, 17, 23}, Shape<4>{2, 3, 8, 5}, Shape<4>{1, 3, 1, 1}}) {
    CAPTURE(concat(shape));
    auto layers = dcf_net_layers();
    nn::load(layers, Weights::random(2), "feature.");
    const auto x = golden_pixels(4, shape);
    ReferenceWalk walk;
    const Tensor<double, 4> expected = layers.compile(walk, Tensor<double, 4>(x));
    DcfNetFeatures net(Weights::random(2));
    const auto y = net.extract(x).top().values;
    double difference = 0, magnitude = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      difference = std::max(difference, std::abs(y.data[i] - expected.data()[i]));
      magnitude = std::max(magnitude, std::abs(expected.data()[i]));
    }
    CHECK(difference < 5e-6 * magnitude);
  }
}

TEST_CASE("DcfNetFeatures: the tensors are named as published") {
  CHECK(DcfNetFeatures::tensors() == std::vector<TensorSpec>{{"feature.0.weight", {32, 3, 3, 3}},
                                                             {"feature.0.bias", {32}},
                                                             {"feature.2.weight", {32, 32, 3, 3}},
                                                             {"feature.2.bias", {32}}});
}

TEST_CASE("DcfNetFeatures: many patches, which go one after the other, give what each gives alone") {
  const Index images = 11;
  DcfNetFeatures net(Weights::random(7));
  const auto x = golden_pixels(5, {images, 3, 9, 14});
  const TensorView<const float, 4> patches(x);
  const auto all = net.extract(patches).top().values;
  REQUIRE(all.shape == Shape<4>{images, 32, 9, 14});
  for (Index i = 0; i < images; ++i) {
    const auto alone = net.extract(patches.slice(i, i + 1)).top().values;
    CHECK(std::ranges::equal(alone, all.slice(i, i + 1)));
  }
}
