// SPDX-License-Identifier: MIT
#include <pursuit/nn/batch_norm2d.hpp>
#include <pursuit/nn/conv2d.hpp>
#include <pursuit/nn/parameters.hpp>
#include <pursuit/nn/relu.hpp>
#include <pursuit/nn/sequential.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace pursuit;

namespace {

auto layers() {
  return nn::Sequential(nn::Conv2d<>(3, 4, 3, {.bias = false}), nn::BatchNorm2d<>(4), nn::ReLU{},
                        nn::Sequential(nn::Conv2d<>(4, 2, 1)));
}

template <class Visitor>
std::vector<std::string> names(Visitor&& visit_all) {
  auto net = layers();
  std::vector<std::string> all;
  visit_all(net, [&](const std::string& name, auto&) { all.push_back(name); });
  return all;
}

}  // namespace

TEST_CASE("Sequential: names count the layers, also those without parameters") {
  CHECK(names([](auto& net, auto visit) { nn::visit_parameters(net, visit, "neck."); }) ==
        std::vector<std::string>{"neck.0.weight", "neck.1.weight", "neck.1.bias", "neck.3.0.weight", "neck.3.0.bias"});
  CHECK(names([](auto& net, auto visit) { nn::visit_buffers(net, visit); }) ==
        std::vector<std::string>{"1.running_mean", "1.running_var"});
}

TEST_CASE("load: every tensor comes from the weights by its name, in the layer's scalar") {
  const Weights weights = Weights::random(5);
  auto net = layers();
  nn::load(net, weights, "a.");
  CHECK(net.layer<0>().weight == weights.get<4>("a.0.weight", {4, 3, 3, 3}));
  CHECK(net.layer<1>().running_var == weights.get<1>("a.1.running_var", {4}));
  CHECK(net.layer<3>().layer<0>().weight == weights.get<4>("a.3.0.weight", {2, 4, 1, 1}));

  nn::Conv2d<double> in_double(3, 4, 3);
  nn::load(in_double, weights, "a.0.");
  CHECK(in_double.weight(1, 2, 0, 1) == static_cast<double>(net.layer<0>().weight(1, 2, 0, 1)));

  CHECK_THROWS_WITH_AS(nn::load(net, Weights()), doctest::Contains("0.weight"), FileError);
}

TEST_CASE("tensor_specs: what load() asks for") {
  auto net = layers();
  CHECK(nn::tensor_specs(net) == std::vector<TensorSpec>{{"0.weight", {4, 3, 3, 3}},
                                                         {"1.weight", {4}},
                                                         {"1.bias", {4}},
                                                         {"3.0.weight", {2, 4, 1, 1}},
                                                         {"3.0.bias", {2}},
                                                         {"1.running_mean", {4}},
                                                         {"1.running_var", {4}}});
}

TEST_CASE("Conv2d: numbers that make no convolution are refused") {
  CHECK_THROWS_AS(nn::Conv2d<>(0, 4, 3), ShapeError);
  CHECK_THROWS_AS(nn::Conv2d<>(4, 6, 3, {.groups = 4}), ShapeError);
  CHECK_THROWS_AS(nn::Conv2d<>(6, 4, 3, {.groups = 4}), ShapeError);
}
