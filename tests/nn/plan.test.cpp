// SPDX-License-Identifier: MIT
#include "../kernels/random_tensor.hpp"
#include "reference_walk.hpp"

#include <pursuit/nn.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

using namespace pursuit;

namespace {

/// Fills all tensors with noise; variances stay positive.
template <class Layer>
Layer noisy(Layer layer, std::uint64_t seed) {
  nn::visit_tensors(layer, [&](const std::string& name, auto& tensor) {
    Random random = Random(seed).fork(name);
    const bool variance = name.ends_with("running_var");
    for (auto& value : tensor) value = static_cast<float>(variance ? random.uniform(0.2, 2) : random.uniform(-1, 1));
  });
  return layer;
}

/// A plan against the walk over the same layers: the largest difference as a share of the largest value.
template <class Layer>
double plan_error(const Layer& layer, const Shape<4>& shape) {
  const auto x = random_tensor(shape, 3);
  auto plan = nn::Plan<>::of(layer, static_cast<int>(shape[1]));
  plan.run(x);
  ReferenceWalk walk;
  const auto expected = layer.compile(walk, as_double<4>(x));
  REQUIRE(plan.output().shape == TensorView<const double, 4>(expected).shape);
  return relative_difference(plan.output(), TensorView<const double, 4>(expected));
}

// Sums of some hundred terms in float, a few layers deep.
constexpr double rounding = 5e-6;

using Conv = nn::Conv2d<float>;
using Norm = nn::BatchNorm2d<float>;

/// Two shortcuts: one that ends in a convolution, and one whose block input is read again later.
struct Residual {
  Conv first{6, 12, 3, {.padding = 1}}, second{12, 12, 3, {.padding = 1, .bias = false}},
      third{12, 12, 3, {.padding = 1}};
  Norm norm{12};

  template <class Visit>
  void parameters(Visit&& visit, const std::string& prefix = {}) {
    nn::visit_parameters(first, visit, prefix + "first.");
    nn::visit_parameters(second, visit, prefix + "second.");
    nn::visit_parameters(third, visit, prefix + "third.");
    nn::visit_parameters(norm, visit, prefix + "norm.");
  }
  template <class Builder>
  typename Builder::Value compile(Builder& b, typename Builder::Value x) const {
    const auto stem = b.relu(first.compile(b, x));
    const auto block = b.relu(b.add(norm.compile(b, second.compile(b, stem)), stem));
    const auto again = b.add(third.compile(b, block), block);
    return b.add(again, stem);
  }
};

/// A shortcut from the network's own input, which must stay as it is.
struct AddsToInput {
  Conv conv{4, 4, 3, {.padding = 1}};

  template <class Visit>
  void parameters(Visit&& visit, const std::string& prefix = {}) {
    nn::visit_parameters(conv, visit, prefix);
  }
  template <class Builder>
  typename Builder::Value compile(Builder& b, typename Builder::Value x) const {
    return b.add(b.add(conv.compile(b, x), x), x);
  }
};

}  // namespace

TEST_CASE("Plan: folding and fusing change nothing but the rounding") {
  SUBCASE("convolution, batch norm, ReLU, pooling on odd sizes, with stride") {
    const auto layers = noisy(nn::Sequential(Conv(3, 10, 5, {.stride = 2}), Norm(10, 1e-6), nn::ReLU{},
                                             nn::MaxPool2d{{.kernel = 3, .stride = 2}}),
                              1);
    CHECK(plan_error(layers, {2, 3, 33, 27}) < rounding);
  }
  SUBCASE("groups, dilation, padding, no bias before the batch norm") {
    const auto layers = noisy(nn::Sequential(Conv(12, 18, 3, {.padding = 2, .dilation = 2, .groups = 3, .bias = false}),
                                             Norm(18), nn::ReLU{}, Conv(18, 7, 3, {.stride = 3, .padding = 1})),
                              2);
    CHECK(plan_error(layers, {1, 12, 17, 11}) < rounding);
  }
  SUBCASE("batch norm and ReLU that follow no convolution") {
    const auto layers =
        noisy(nn::Sequential(Norm(5), nn::ReLU{}, nn::AvgPool2d{{.kernel = 3, .stride = 2, .padding = 1}}, nn::ReLU{},
                             Norm(5), nn::MaxPool2d{}),
              3);
    CHECK(plan_error(layers, {2, 5, 13, 10}) < rounding);
  }
  SUBCASE("batch norm after a fused ReLU must not be folded through it") {
    const auto layers = noisy(nn::Sequential(Conv(4, 8, 3), nn::ReLU{}, Norm(8)), 4);
    CHECK(plan_error(layers, {1, 4, 8, 9}) < rounding);
  }
  SUBCASE("local response normalisation") {
    const auto layers = noisy(nn::Sequential(Conv(3, 16, 3, {.padding = 1}), nn::ReLU{},
                                             Conv(16, 16, 3, {.padding = 1}), nn::LocalResponseNorm{{.alpha = 0.5F}}),
                              5);
    CHECK(plan_error(layers, {2, 3, 15, 19}) < rounding);
  }
  SUBCASE("a shortcut from the input") { CHECK(plan_error(noisy(AddsToInput{}, 9), {2, 4, 6, 5}) < rounding); }
  SUBCASE("shortcuts") { CHECK(plan_error(noisy(Residual{}, 6), {2, 6, 9, 7}) < rounding); }
}

TEST_CASE("PlanBuilder: what is fused leaves no operation of its own") {
  using Kind = kernels::Node::Kind;
  const auto kinds = [](const auto& layer, int channels) {
    nn::PlanBuilder builder(channels);
    builder.output(layer.compile(builder, builder.input()));
    const auto definition = builder.take();
    std::vector<Kind> all;
    for (const auto& node : definition.nodes()) all.push_back(node.kind);
    return all;
  };
  CHECK(kinds(nn::Sequential(Conv(3, 4, 3), Norm(4), nn::ReLU{}), 3) == std::vector{Kind::input, Kind::convolution});
  CHECK(kinds(nn::Sequential(Conv(3, 4, 3), nn::ReLU{}, Norm(4)), 3) ==
        std::vector{Kind::input, Kind::convolution, Kind::convolution});
  // One of the three shortcuts cannot be part of a convolution: its first term was already given one.
  CHECK(kinds(Residual{}, 6) ==
        std::vector{Kind::input, Kind::convolution, Kind::convolution, Kind::convolution, Kind::add});
}

TEST_CASE("Plan: shapes alternate, copies are independent, results repeat bit for bit") {
  const auto layers = noisy(nn::Sequential(Conv(3, 8, 3), Norm(8), nn::ReLU{}, Conv(8, 5, 3)), 7);
  auto plan = nn::Plan<>::of(layers, 3);
  const auto small = random_tensor<4>({1, 3, 12, 13}, 1), large = random_tensor<4>({3, 3, 25, 20}, 2);
  const auto run = [](nn::Plan<>& p, const Tensor<float, 4>& x) {
    p.run(x);
    auto y = make_tensor<float, 4>(p.output().shape);
    std::copy(p.output().begin(), p.output().end(), y.data());
    return y;
  };
  const auto y_small = run(plan, small), y_large = run(plan, large);
  const float* memory = plan.output().data;
  CHECK(run(plan, small) == y_small);
  CHECK(run(plan, large) == y_large);
  CHECK(plan.output().data == memory);  // the plan of a shape is kept

  auto copy = plan;
  const auto before = plan.output();
  run(copy, random_tensor<4>({3, 3, 25, 20}, 9));
  CHECK(std::equal(before.begin(), before.end(), y_large.data()));
  CHECK(run(copy, large) == y_large);

  // More shapes than are kept, then the first again.
  for (Index h = 10; h < 20; ++h) run(plan, random_tensor<4>({1, 3, h, 11}, 4));
  CHECK(run(plan, small) == y_small);
}

TEST_CASE("Plan: an input that does not fit is refused, and the plan goes on working") {
  auto plan = nn::Plan<>::of(noisy(nn::Sequential(Conv(3, 4, 5)), 8), 3);
  const auto two_channels = random_tensor<4>({1, 2, 9, 9}, 1), flat = random_tensor<4>({1, 3, 4, 9}, 1);
  CHECK_THROWS_AS(plan.run(two_channels), ShapeError);
  CHECK_THROWS_AS(plan.run(flat), ShapeError);
  const auto fits = random_tensor<4>({1, 3, 9, 9}, 1);
  plan.run(fits);
  CHECK(plan.output().shape == Shape<4>{1, 4, 5, 5});
}

TEST_CASE("PlanBuilder: layers whose channels do not follow each other are refused") {
  CHECK_THROWS_AS(nn::Plan<>::of(nn::Sequential(Conv(3, 4, 3), Conv(5, 4, 3)), 3), ShapeError);
  CHECK_THROWS_AS(nn::Plan<>::of(nn::Sequential(Conv(3, 4, 3), Norm(5)), 3), ShapeError);
  CHECK_THROWS_AS(Conv(4, 6, 3, {.groups = 4}), ShapeError);
}
