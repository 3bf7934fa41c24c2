// SPDX-License-Identifier: MIT
#include <pursuit/check/gradient.hpp>
#include <pursuit/check/noise.hpp>
#include <pursuit/core/threads.hpp>
#include <pursuit/nn/avg_pool2d.hpp>
#include <pursuit/nn/hard_swish.hpp>
#include <pursuit/nn/linear.hpp>
#include <pursuit/nn/sequential.hpp>
#include <pursuit/nn/sigmoid.hpp>
#include <pursuit/nn/tanh.hpp>
#include <pursuit/nn/training_plan.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace pursuit;

namespace {

using Conv = nn::Conv2d<double>;
using Norm = nn::BatchNorm2d<double>;
using View = TensorView<const double, 4>;

template <class Layers>
void fill(Layers& network, std::uint64_t seed) {
  Random random(seed);
  nn::visit_parameters(network, [&](const std::string&, auto& t) {
    for (auto& v : t) v = static_cast<std::remove_cvref_t<decltype(v)>>(random.uniform(-0.6, 0.6));
  });
}

using Builder = nn::TrainingBuilder<double>;
using Value = Builder::Value;

/// Some layers, and a function that says how a network is made of them: one type for all networks of this test.
struct Network {
  Conv a{2, 4, 3, {.stride = 2, .padding = 1}};
  Conv b{4, 4, 3, {.padding = 1, .groups = 4, .bias = false}};
  Norm norm{4};
  nn::Linear<double> linear{48, 3};
  Value (*write)(Builder&, const Network&, Value);

  template <class Visit>
  void parts(Visit&& visit) {
    visit("a.", a);
    visit("b.", b);
    visit("norm.", norm);
    visit("linear.", linear);
  }
  Value compile(Builder& builder, Value x) const { return write(builder, *this, x); }
};

/// Checks the gradient of <network(x), random> to x and to all parameters against differences. What the hand gradients
/// are multiplied by is 1, or something wrong.
check::GradientReport report(Network network, bool running, double slip) {
  set_threads(1);  // far too little work for two
  const Shape<4> shape{2, 2, 5, 7};
  fill(network, 3);
  nn::visit_buffers(network, [](const std::string&, auto& t) { t.data()[0] = 0.7; });
  const nn::TrainingPlan<double> plan(network);
  nn::TrainingCache<double> cache;
  nn::Gradients<double> gradients(network);
  std::vector<double> parameters, upstream;
  for (std::size_t i = 0; i < gradients.size(); ++i)
    parameters.insert(parameters.end(), gradients[i].parameter.begin(), gradients[i].parameter.end());
  using In = std::span<const double>;
  const auto forward = [&](In x, In p) {
    for (std::size_t i = 0, at = 0; i < gradients.size(); at += gradients[i++].parameter.size())
      std::copy_n(p.begin() + static_cast<Index>(at), gradients[i].parameter.size(), gradients[i].parameter.begin());
    plan.forward(View(x.data(), shape), cache, running);
    if (upstream.empty()) upstream = check::noise(static_cast<std::size_t>(cache.output().size()), 9);
  };
  const auto value = [&](In x, In p) {
    forward(x, p);
    double sum = 0;
    for (std::size_t i = 0; i < upstream.size(); ++i) sum += upstream[i] * cache.output().data[i];
    return sum;
  };
  const auto backward = [&](In x, In p, std::span<double> dx, std::span<double> dp) {
    forward(x, p);
    gradients.clear();
    std::vector<double> d(x.size());
    plan.backward({View(upstream.data(), cache.output().shape)}, cache, gradients, {d.data(), shape});
    for (std::size_t i = 0; i < d.size(); ++i) dx[i] += d[i];
    for (std::size_t i = 0; i < dp.size(); ++i) dp[i] += slip * gradients.values()[i];
  };
  const auto x = check::noise(static_cast<std::size_t>(volume(shape)), 5);
  return check::gradient(value, backward, {.adds = true, .entries = 25}, check::Input{"x", x},
                         check::Input{"parameters", parameters});
}

void agrees(Value (*write)(Builder&, const Network&, Value), bool running = false) {
  const auto right = report({.write = write}, running, 1);
  INFO(right);
  CHECK(right.worst < 1e-7);
  CHECK(report({.write = write}, running, 1.01).worst > 1e-3);
}

template <class Layer>
void agrees_after_a_convolution() {
  agrees([](Builder& builder, const Network& n, Value x) {
    Layer layer{};
    if constexpr (requires { layer.options.padding; }) layer.options = {.kernel = 3, .stride = 2, .padding = 1};
    if constexpr (requires { layer.options.alpha; }) layer.options.alpha = 0.1F;
    return layer.compile(builder, n.a.compile(builder, x));
  });
}

}  // namespace

TEST_CASE("training plan: gradients of each layer agree with central differences, and a wrong one is caught") {
  agrees([](Builder& builder, const Network& n, Value x) { return n.a.compile(builder, x); });
  for (const bool running : {false, true})
    agrees([](Builder& builder, const Network& n,
              Value x) { return n.norm.compile(builder, n.b.compile(builder, n.a.compile(builder, x))); },
           running);
  agrees(
      [](Builder& builder, const Network& n, Value x) { return n.linear.compile(builder, n.a.compile(builder, x)); });
  agrees_after_a_convolution<nn::ReLU>();
  agrees_after_a_convolution<nn::ReLU6>();
  agrees_after_a_convolution<nn::HardSwish>();
  agrees_after_a_convolution<nn::Sigmoid>();
  agrees_after_a_convolution<nn::Tanh>();
  agrees_after_a_convolution<nn::MaxPool2d>();
  agrees_after_a_convolution<nn::AvgPool2d>();
  agrees_after_a_convolution<nn::LocalResponseNorm>();
}

TEST_CASE("training plan: gradients through a shortcut, a slice and a concatenation of a value that all of them read") {
  agrees([](Builder& builder, const Network& n, Value x) {
    const Value middle = nn::ReLU6{}.compile(builder, n.a.compile(builder, x));
    const Value deep = n.norm.compile(builder, n.b.compile(builder, middle));
    const Value sum = nn::ReLU{}.compile(builder, builder.add(deep, middle));
    return builder.concatenate({sum, builder.slice(middle, 1, 2), middle});
  });
}

TEST_CASE("training plan: gradients of products, pooling and correlation to both of their inputs") {
  set_threads(1);
  const Shape<4> a{2, 2, 5, 7}, b{2, 2, 2, 3}, boxes{2, 2, 4, 1};
  const auto x = check::noise(140, 1), z = check::noise(24, 2);
  const std::vector<double> corners{3.1, 5.2, 21.3, 17.1, 9.2,  2.3, 25.1, 11.2,
                                    1.3, 1.1, 9.3,  18.2, 13.1, 6.2, 30.3, 18.9};  // pixels, 4 a cell
  Builder builder(3);
  const Value map = builder.input(0), exemplar = builder.input(1), where = builder.input(2);
  const Value mean = nn::AvgPool2d{{.kernel = 2, .stride = 2}}.compile(builder, exemplar);
  builder.output(builder.cross_correlation(exemplar, map, 0.5));
  builder.output(builder.pool(builder.scale(map, mean), where, {.rows = 2, .columns = 3, .scale = 0.25}));
  const nn::TrainingPlan<double> plan(std::move(builder));
  nn::TrainingCache<double> cache;
  nn::Gradients<double> none;
  std::vector<std::vector<double>> upstream;
  using In = std::span<const double>;
  using Out = std::span<double>;
  const auto value = [&](In p, In q, In r) {
    plan.forward({{p.data(), a}, {q.data(), b}, {r.data(), boxes}}, cache);
    double sum = 0;
    for (std::size_t i = 0; i < 2; ++i) {
      const auto y = cache.output(i);
      if (upstream.size() == i) upstream.push_back(check::noise(static_cast<std::size_t>(y.size()), 5 + i));
      for (std::size_t k = 0; k < upstream[i].size(); ++k) sum += upstream[i][k] * y.data[k];
    }
    return sum;
  };
  const auto backward = [&](In p, In q, In r, Out dp, Out dq, Out dr) {
    value(p, q, r);
    std::vector<View> dy;
    for (std::size_t i = 0; i < 2; ++i) dy.emplace_back(upstream[i].data(), cache.output(i).shape);
    const std::vector<TensorView<double, 4>> dx{{dp.data(), a}, {dq.data(), b}, {dr.data(), boxes}};
    plan.backward(dy, cache, none, dx);
  };
  const auto check = [&](const auto& gradient) {
    return check::gradient(value, gradient, {.entries = 30}, check::Input{"x", x}, check::Input{"z", z},
                           check::Input{"boxes", corners});
  };
  const auto right = check(backward);
  INFO(right);
  CHECK(right.worst < 1e-7);
  const auto half = check([&](In p, In q, In r, Out dp, Out dq, Out dr) {
    backward(p, q, r, dp, dq, dr);
    for (double& d : dr) d /= 2;
  });
  CHECK(half.worst > 1e-2);
  CHECK_THROWS_AS(plan.forward({x.data(), a}, cache), Error);
}

TEST_CASE("training plan: what is frozen gets no gradient, and the rest the same as before") {
  nn::Sequential network(Conv(2, 3, 3), Norm(3), nn::ReLU{}, Conv(3, 2, 1));
  fill(network, 4);
  const nn::TrainingPlan<double> plan(network);
  nn::TrainingCache<double> cache;
  const Shape<4> shape{2, 2, 5, 6};
  const auto x = check::noise(120, 1), dy = check::noise(48, 2);
  nn::Gradients<double> all(network), some;
  some.add(network, "n.", [](const std::string& name) { return name.starts_with("n.3."); });
  REQUIRE(some.size() == 2);
  CHECK(some[0].name == "n.3.weight");
  for (auto* gradients : {&all, &some}) {
    plan.forward(View(x.data(), shape), cache);
    plan.backward({View(dy.data(), {2, 2, 3, 4})}, cache, *gradients);
  }
  const auto last = all.values().last(some.values().size());
  CHECK(std::equal(last.begin(), last.end(), some.values().begin()));
  CHECK(some.of(network.layer<0>().weight).data == nullptr);
  // A second pass adds.
  plan.forward(View(x.data(), shape), cache);
  plan.backward({View(dy.data(), {2, 2, 3, 4})}, cache, some);
  for (std::size_t i = 0; i < last.size(); ++i) CHECK(some.values()[i] == doctest::Approx(2 * last[i]));
}

TEST_CASE("training plan: an output without a gradient counts as one of zeros") {
  nn::Sequential network(Conv(2, 3, 1), Conv(3, 2, 1));
  fill(network, 4);
  Builder builder;
  const Value middle = network.layer<0>().compile(builder, builder.input());
  builder.output(middle);
  builder.output(network.layer<1>().compile(builder, middle));
  const nn::TrainingPlan<double> plan(std::move(builder));
  nn::TrainingCache<double> cache;
  nn::Gradients<double> with_zeros(network), without(network);
  const auto x = check::noise(12, 1), dy = check::noise(12, 2);
  const std::vector<double> zeros(18, 0.0);
  const View first(zeros.data(), {1, 3, 2, 3}), last(dy.data(), {1, 2, 2, 3});
  plan.forward(View(x.data(), {1, 2, 2, 3}), cache);
  plan.backward({first, last}, cache, with_zeros);
  plan.backward({View(), last}, cache, without);
  CHECK(std::ranges::equal(with_zeros.values(), without.values()));
  CHECK(without[0].gradient[0] != 0);
}

TEST_CASE("training plan: float runs on other kernels and gives the same") {
  nn::Sequential narrow(nn::Conv2d<float>(3, 8, 3, {.stride = 2, .bias = false}), nn::BatchNorm2d<float>(8), nn::ReLU{},
                        nn::MaxPool2d{{.kernel = 3, .stride = 1}}, nn::Conv2d<float>(8, 4, 1));
  nn::Sequential wide(Conv(3, 8, 3, {.stride = 2, .bias = false}), Norm(8), nn::ReLU{},
                      nn::MaxPool2d{{.kernel = 3, .stride = 1}}, Conv(8, 4, 1));
  fill(narrow, 4);
  fill(wide, 4);
  const auto xd = check::noise(2 * 3 * 13 * 11, 1);
  const std::vector<float> x(xd.begin(), xd.end());
  nn::TrainingCache<float> cache;
  nn::TrainingCache<double> cache_d;
  nn::Gradients<float> gradients(narrow);
  nn::Gradients<double> gradients_d(wide);
  const nn::TrainingPlan<float> plan(narrow);
  const nn::TrainingPlan<double> plan_d(wide);
  std::vector<float> dx(x.size());
  std::vector<double> dx_d(x.size());
  plan.forward({x.data(), {2, 3, 13, 11}}, cache);
  plan_d.forward({xd.data(), {2, 3, 13, 11}}, cache_d);
  const auto y = cache.output();
  REQUIRE(y.shape == Shape<4>{2, 4, 4, 3});
  const auto dyd = check::noise(static_cast<std::size_t>(y.size()), 2);
  const std::vector<float> dy(dyd.begin(), dyd.end());
  plan.backward({{dy.data(), y.shape}}, cache, gradients, {dx.data(), {2, 3, 13, 11}});
  plan_d.backward({{dyd.data(), y.shape}}, cache_d, gradients_d, {dx_d.data(), {2, 3, 13, 11}});
  // Sums of at most 60 products of size 1 in float.
  for (Index i = 0; i < y.size(); ++i) CHECK(std::abs(y.data[i] - cache_d.output().data[i]) < 2e-5);
  for (std::size_t i = 0; i < dx.size(); ++i) CHECK(std::abs(dx[i] - dx_d[i]) < 2e-5);
  for (std::size_t i = 0; i < gradients.values().size(); ++i)
    CHECK(std::abs(gradients.values()[i] - gradients_d.values()[i]) < 1e-4);
}

TEST_CASE("training plan: batch norm gathers the statistics of its batches") {
  nn::Sequential network{Norm(2)};
  const nn::TrainingPlan<double> plan(network);
  nn::TrainingCache<double> cache;
  std::vector<double> x(2 * 2 * 2 * 3, 4.0);
  for (std::size_t i = 0; i < x.size(); i += 2) x[i] = 6;
  plan.forward(View(x.data(), {2, 2, 2, 3}), cache);
  plan.gather_statistics(cache, 0.25);
  // Mean 5, variance 1 of 12 numbers: without bias 12/11.
  CHECK(network.layer<0>().running_mean(0) == doctest::Approx(0.25 * 5));
  CHECK(network.layer<0>().running_var(1) == doctest::Approx(0.75 + 0.25 * 12 / 11));
  plan.forward(View(x.data(), {2, 2, 2, 3}), cache, true);
  CHECK(cache.output().data[0] == doctest::Approx((6 - 1.25) / std::sqrt(network.layer<0>().running_var(0) + 1e-5)));
}

TEST_CASE("training plan: the memory of a cache is taken once") {
  nn::Sequential network(Conv(2, 3, 3), Norm(3), nn::ReLU{}, Conv(3, 2, 1));
  const nn::TrainingPlan<double> plan(network);
  nn::TrainingCache<double> cache;
  nn::Gradients<double> gradients(network);
  const std::vector<double> x(120, 1.0), dy(48, 1.0);
  const auto pass = [&] {
    plan.forward(View(x.data(), {2, 2, 5, 6}), cache);
    plan.backward({View(dy.data(), {2, 2, 3, 4})}, cache, gradients);
    return cache.bytes();
  };
  const std::size_t first = pass();
  CHECK(pass() == first);
  // Three values (ReLU writes over its input), and gradients of two at a time.
  CHECK(first == 8 * (72 + 72 + 48 + 72 + 48));
}

TEST_CASE("training plan: a cache knows the plan and the pass that it is of") {
  Conv convolution(2, 2, 3);
  Norm norm(2);
  const std::vector<double> x(32, 1.0);
  const View view(x.data(), {1, 2, 4, 4}), small(x.data(), {1, 2, 2, 2});
  nn::TrainingCache<double> cache;
  nn::Gradients<double> gradients(convolution);
  std::optional<nn::TrainingPlan<double>> plan(std::in_place, convolution);
  CHECK_THROWS_AS(plan->backward({small}, cache, gradients), Error);
  CHECK_THROWS_AS(plan->gather_statistics(cache), Error);
  plan->forward(view, cache);
  CHECK_THROWS_AS(plan->forward(small, cache), ShapeError);
  CHECK_THROWS_AS(plan->backward({small}, cache, gradients), Error);
  plan->forward(view, cache);
  CHECK_NOTHROW(plan->backward({small}, cache, gradients));
  // Another plan in the same place, of layers that remember something else.
  plan.emplace(norm);
  CHECK_THROWS_AS(plan->backward({view}, cache, gradients), Error);
  CHECK_THROWS_AS(plan->forward(View(x.data(), {0, 2, 4, 4}), cache), ShapeError);
  plan->forward(view, cache);
  const nn::TrainingPlan<double> moved = std::move(*plan);
  plan.reset();
  CHECK(cache.output().shape == view.shape);
  CHECK_NOTHROW(moved.backward({view}, cache, gradients));
}
