// SPDX-License-Identifier: MIT
#include "../kernels/random_tensor.hpp"
#include "reference_walk.hpp"

#include <pursuit/nn/layer_list.hpp>
#include <pursuit/nn/plan.hpp>

#include <doctest/doctest.h>

#include <support/compiled_networks.hpp>

#include <string>
#include <vector>

using namespace pursuit;

TEST_CASE("LayerList: layers run in their order, and names count those without parameters") {
  nn::LayerList list{nn::Conv2d<float>(3, 8, 3, {.bias = false}), nn::BatchNorm2d<float>(8), nn::ReLU6{},
                     nn::Identity{}, nn::SqueezeExcitation<float>(8, 4)};
  list.add(nn::HardSwish{});
  CHECK(list.size() == 6);
  std::vector<std::string> names;
  nn::visit_tensors(
      list, [&](const std::string& name, auto&) { names.push_back(name); }, "conv.");
  CHECK(names == std::vector<std::string>{"conv.0.weight", "conv.1.weight", "conv.1.bias", "conv.4.fc.0.weight",
                                          "conv.4.fc.0.bias", "conv.4.fc.2.weight", "conv.4.fc.2.bias",
                                          "conv.1.running_mean", "conv.1.running_var"});
  nn::load(list, Weights::random(3));
  const auto x = random_tensor<4>({1, 3, 7, 6}, 1);
  auto plan = nn::Plan<>::of(list, 3);
  plan.run(x);
  ReferenceWalk walk;
  const auto expected = list.compile(walk, as_double<4>(x));
  CHECK(relative_difference(plan.output(), TensorView<const double, 4>(expected)) < 5e-6);
}

TEST_CASE("LayerList: an empty one gives what it gets") {
  const nn::LayerList none;
  ReferenceWalk walk;
  const auto x = as_double<4>(random_tensor<4>({1, 2, 3, 4}, 1));
  CHECK(none.compile(walk, x) == x);
}
