// SPDX-License-Identifier: MIT
#include "../kernels/random_tensor.hpp"
#include "reference_walk.hpp"

#include <pursuit/nn.hpp>

#include <doctest/doctest.h>

#include <support/compiled_networks.hpp>

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
constexpr auto relu = kernels::Activation::relu;

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
    const auto stem = b.activation(first.compile(b, x), relu);
    const auto block = b.activation(b.add(norm.compile(b, second.compile(b, stem)), stem), relu);
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

/// Channels of two convolutions, then of one of them and the input, and some of the former again.
struct Branches {
  Branches(int a, int b)
      : left(4, a, 3, {.padding = 1}), right(4, b, 1), last(a + 4, 7, 1), first_channels(a), second_channels(b) {}
  Conv left, right, last;
  int first_channels, second_channels;

  template <class Visit>
  void parameters(Visit&& visit, const std::string& prefix = {}) {
    nn::visit_parameters(left, visit, prefix + "left.");
    nn::visit_parameters(right, visit, prefix + "right.");
    nn::visit_parameters(last, visit, prefix + "last.");
  }
  template <class Builder>
  typename Builder::Value compile(Builder& b, typename Builder::Value x) const {
    const auto l = left.compile(b, x), r = b.activation(right.compile(b, x), relu);
    const auto both = b.concatenate({l, r});
    return b.concatenate(
        {both, last.compile(b, b.concatenate({l, x})), b.slice(both, first_channels, second_channels)});
  }
};

/// Pixel-wise and depth-wise comparison with exemplars that come later.
struct Comparing {
  Conv first{6, 16, 1};
  Norm norm{12};
  nn::Correlation pixelwise{{12, 16, 1, 1}}, depthwise{{16, 1, 4, 4}, {.padding = 1, .groups = 16}};

  template <class Visit>
  void parameters(Visit&& visit, const std::string& prefix = {}) {
    nn::visit_parameters(first, visit, prefix + "first.");
    nn::visit_parameters(norm, visit, prefix + "norm.");
  }
  template <class Visit>
  void buffers(Visit&& visit, const std::string& prefix = {}) {
    nn::visit_buffers(norm, visit, prefix + "norm.");
  }
  template <class Builder>
  typename Builder::Value compile(Builder& b, typename Builder::Value x) const {
    const auto features = first.compile(b, x);
    const auto cells = norm.compile(b, pixelwise.compile(b, features));
    return b.concatenate(
        {b.max_pool(cells, {.kernel = 2, .stride = 1}), b.activation(depthwise.compile(b, features), relu)});
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
  SUBCASE("ReLU after the maximum") {
    CHECK(plan_error(noisy(nn::Sequential(Conv(3, 16, 3), Norm(16), nn::MaxPool2d{{.kernel = 3, .stride = 2}},
                                          nn::ReLU{}, Conv(16, 8, 3)),
                           21),
                     {2, 3, 23, 19}) < rounding);
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
  SUBCASE("activations, after convolutions of all kinds of kernels and after other things") {
    // Wide enough for numbers past the bends at 3 and 6.
    const auto layers =
        noisy(nn::Sequential(Conv(3, 16, 3, {.padding = 1}), nn::HardSwish{}, Conv(16, 16, 3, {.padding = 1}),
                             nn::HardSwish{}, Conv(16, 16, 5, {.stride = 2, .padding = 2, .groups = 16}), nn::ReLU6{},
                             Conv(16, 12, 1), nn::HardSwish{}, nn::ReLU6{}, nn::MaxPool2d{}, nn::HardSwish{}),
              10);
    // Deeper, and one of the convolutions by Winograd, whose rounding is twice as large.
    CHECK(plan_error(layers, {2, 3, 21, 18}) < 4 * rounding);
  }
  SUBCASE("squeeze-excitation, with channels that fill no block and an activation after it") {
    using Gate = nn::SqueezeExcitation<>::Gate;
    const auto layers =
        noisy(nn::Sequential(Conv(5, 20, 3), nn::SqueezeExcitation<>(20, 6), nn::HardSwish{}, Conv(20, 16, 1), Norm(16),
                             nn::SqueezeExcitation<>(16, 16, Gate::sigmoid), Norm(16), nn::SqueezeExcitation<>(16, 3)),
              11);
    CHECK(plan_error(layers, {2, 5, 9, 7}) < rounding);
  }
  SUBCASE("concatenation, in whole blocks, in part of a block, of the input") {
    CHECK(plan_error(noisy(Branches{16, 32}, 12), {2, 4, 9, 7}) < rounding);
    CHECK(plan_error(noisy(Branches{10, 3}, 13), {2, 4, 9, 7}) < rounding);
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
  CHECK(kinds(nn::Sequential(Conv(3, 4, 3), nn::HardSwish{}), 3) == std::vector{Kind::input, Kind::convolution});
  CHECK(kinds(nn::Sequential(nn::SqueezeExcitation<>(3, 4), nn::ReLU6{}), 3) ==
        std::vector{Kind::input, Kind::squeeze_excitation});
  CHECK(kinds(nn::Sequential(nn::ReLU{}, nn::ReLU6{}), 3) ==
        std::vector{Kind::input, Kind::activation, Kind::activation});
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

TEST_CASE("Plan: weights given at run time hold for all shapes and copies, until others are given") {
  const auto layers = noisy(Comparing{}, 14);
  auto plan = nn::Plan<>::of(layers, 6);
  const auto error = [&](nn::Plan<>& p, const Tensor<float, 4>& x, const Tensor<float, 4>& pixels,
                         const Tensor<float, 4>& channels) {
    p.run(x);
    ReferenceWalk walk;
    walk.given = {as_double<4>(pixels), as_double<4>(channels)};
    const auto expected = layers.compile(walk, as_double<4>(x));
    return relative_difference(p.output(), TensorView<const double, 4>(expected));
  };
  const auto small = random_tensor<4>({1, 6, 8, 9}, 1), large = random_tensor<4>({2, 6, 16, 13}, 2);
  const auto pixels = random_tensor<4>({12, 16, 1, 1}, 3), channels = random_tensor<4>({16, 1, 4, 4}, 4);
  CHECK_THROWS_WITH_AS(plan.run(small), doctest::Contains("slot 0"), Error);
  plan.give(0, pixels);
  CHECK_THROWS_WITH_AS(plan.run(small), doctest::Contains("slot 1"), Error);
  plan.give(1, channels);
  CHECK(error(plan, small, pixels, channels) < rounding);
  CHECK(error(plan, large, pixels, channels) < rounding);

  auto copy = plan;
  const auto other = random_tensor<4>({12, 16, 1, 1}, 5);
  copy.give(0, other);
  CHECK(error(copy, small, other, channels) < rounding);
  CHECK(error(copy, large, other, channels) < rounding);
  CHECK(error(plan, small, pixels, channels) < rounding);
  CHECK(error(plan, large, pixels, channels) < rounding);

  CHECK_THROWS_AS(plan.give(0, channels), ShapeError);
  CHECK_THROWS_AS(plan.give(2, channels), Error);
  CHECK(error(plan, small, pixels, channels) < rounding);
}

TEST_CASE("PlanBuilder: layers whose channels do not follow each other are refused") {
  CHECK_THROWS_AS(nn::Plan<>::of(nn::Sequential(Conv(3, 4, 3), Conv(5, 4, 3)), 3), ShapeError);
  CHECK_THROWS_AS(nn::Plan<>::of(nn::Sequential(Conv(3, 4, 3), Norm(5)), 3), ShapeError);
  CHECK_THROWS_AS(nn::Plan<>::of(nn::Sequential(Conv(3, 4, 3), nn::SqueezeExcitation<>(5, 2)), 3), ShapeError);
  CHECK_THROWS_AS(nn::Plan<>::of(nn::Correlation{{4, 2, 1, 1}}, 3), ShapeError);
  CHECK_THROWS_AS(Conv(4, 6, 3, {.groups = 4}), ShapeError);
}
