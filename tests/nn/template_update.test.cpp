// SPDX-License-Identifier: MIT
#include "../backbone/golden_input.hpp"
#include "../kernels/random_tensor.hpp"

#include <pursuit/nn/template_update.hpp>

#include "../support/allocations.hpp"

#include <doctest/doctest.h>

#include <support/compiled_networks.hpp>

#include <cmath>
#include <vector>

using namespace pursuit;

static_assert(nn::TemplateRule<nn::LinearTemplate>);
static_assert(nn::TemplateRule<nn::UpdateNet>);

TEST_CASE("LinearTemplate: a running mean of the rate it was given") {
  const auto first = random_tensor<4>({1, 3, 4, 5}, 1), then = random_tensor<4>({1, 3, 4, 5}, 2);
  nn::LinearTemplate rule(0.25);
  rule.init(first);
  rule.next(then);
  const auto exemplar = rule.next(then);
  REQUIRE(exemplar.shape == Shape<4>{1, 3, 4, 5});
  double difference = 0;
  for (Index i = 0; i < exemplar.size(); ++i) {
    const double expected = 0.5625 * first.data()[i] + 0.4375 * then.data()[i];  // (1 - 1/4)^2 of the first is left
    difference = std::max(difference, std::abs(exemplar.data[i] - expected));
  }
  CHECK(difference < 1e-6);  // single precision, numbers below 1
  const auto turned = random_tensor<4>({1, 3, 5, 4}, 3);
  nn::LinearTemplate copy = rule;
  rule.init(then);
  CHECK(rule.next(then)(0, 2, 3, 4) == then(0, 2, 3, 4));
  CHECK(copy.next(then)(0, 2, 3, 4) != then(0, 2, 3, 4));
  CHECK_THROWS_AS(rule.next(turned), ShapeError);
}

TEST_CASE("UpdateNet: three exemplars in a row are those of the layers in PyTorch") {
  auto seen = golden_pixels(31, {4, 16, 6, 5});
  seen /= 255.0F;
  const TensorView<const float, 4> frames = seen;
  nn::UpdateNet rule(Weights::random(7), 16);
  const Weights expected = golden("update_net.safetensors");
  for (int run = 0; run < 2; ++run) {  // a second target starts anew
    rule.init(frames.slice(0, 1));
    for (Index t = 1; t < 4; ++t) {
      const auto theirs = expected.get<4>(concat("exemplar.", t), {1, 16, 6, 5});
      CHECK(relative_difference(rule.next(frames.slice(t, t + 1)), TensorView<const float, 4>(theirs)) < 1e-5);
    }
  }
  const auto narrow = random_tensor<4>({1, 15, 6, 5}, 1);
  CHECK_THROWS_AS(rule.next(frames.slice(0, 2)), ShapeError);
  CHECK_THROWS_AS(rule.init(narrow), ShapeError);
}

TEST_CASE("UpdateNet: names and shapes of the published files") {
  const std::vector<TensorSpec> specs = nn::UpdateNet::tensors(512);
  REQUIRE(specs.size() == 4);
  CHECK(specs[0] == TensorSpec{"update.0.weight", {192, 1536, 1, 1}});
  CHECK(specs[1] == TensorSpec{"update.0.bias", {192}});
  CHECK(specs[2] == TensorSpec{"update.2.weight", {512, 192, 1, 1}});
  CHECK(specs[3] == TensorSpec{"update.2.bias", {512}});
}

TEST_CASE("UpdateNet, LinearTemplate: a new exemplar takes no memory") {
  if (!test::allocations_have_owners) {
    MESSAGE("skipped: a sanitizer's malloc does not say who asks for memory");
    return;
  }
  const auto z = random_tensor<4>({1, 16, 6, 5}, 1);
  nn::UpdateNet net(Weights::random(7), 16);
  nn::LinearTemplate linear;
  net.init(z);
  linear.init(z);
  const auto both = [&] {
    net.next(z);
    linear.next(z);
  };
  both();
  CHECK(test::allocations(both).all() == 0);
}
