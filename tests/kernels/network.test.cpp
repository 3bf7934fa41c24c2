// SPDX-License-Identifier: MIT
#include "random_tensor.hpp"

#include <pursuit/kernels/network.hpp>
#include <pursuit/kernels/reference/convolution.hpp>
#include <pursuit/kernels/reference/lrn.hpp>

#include <doctest/doctest.h>

#include <support/compiled_networks.hpp>

#include <algorithm>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

using namespace pursuit;
using namespace pursuit::kernels;

namespace {

Node convolution_node(Value x, const Shape<4>& w, std::uint64_t seed, const ConvolutionOptions& options = {}) {
  Node node{.kind = Node::Kind::convolution, .reads = {x}, .convolution = options};
  node.weight = random_tensor(w, seed);
  node.bias = random_tensor<1>({w[0]}, seed + 1);
  return node;
}

Tensor<double, 4> convolved(const Tensor<double, 4>& x, const Node& node) {
  const Tensor<double, 4> w(node.weight);
  const Tensor<double, 1> b(node.bias);
  auto y = make_tensor<double, 4>(convolution_shape("test", TensorView<const double, 4>(x).shape,
                                                    TensorView<const double, 4>(w).shape, node.convolution));
  reference::convolution<double>(x, w, b, node.convolution, y);
  return y;
}

Tensor<float, 4> copied(const TensorView<const float, 4>& view) {
  auto t = make_tensor<float, 4>(view.shape);
  std::copy(view.begin(), view.end(), t.data());
  return t;
}

using CpuNetwork = Network<Cpu>;
std::shared_ptr<PackedNetwork<Cpu>> packed(NetworkDefinition d) {
  return std::make_shared<PackedNetwork<Cpu>>(std::move(d));
}

/// Two levels of features of which the first is read again: nothing of it may be overwritten.
struct TwoLevels {
  NetworkDefinition definition{3};
  Node first = convolution_node(definition.input(), {32, 3, 3, 3}, 1, {.padding = 1});
  Node second = convolution_node({1}, {32, 32, 3, 3}, 3, {.padding = 1});

  TwoLevels() {
    const Value a = definition.append(first), b = definition.append(second);
    definition.output(a);
    definition.output(b);
  }
};

}  // namespace

TEST_CASE("Network: several outputs, each whole after execute()") {
  const TwoLevels net;
  CpuNetwork network(packed(net.definition), {2, 3, 19, 14});
  const auto x = random_tensor<4>({2, 3, 19, 14}, 9);
  network.execute(x);
  REQUIRE(network.outputs() == 2);
  const auto a = convolved(as_double<4>(x), net.first), b = convolved(a, net.second);
  // Sums of at most 288 terms, two deep.
  CHECK(relative_difference(network.output(0), TensorView<const double, 4>(a)) < 5e-6);
  CHECK(relative_difference(network.output(1), TensorView<const double, 4>(b)) < 5e-6);
}

TEST_CASE("Network: local response normalisation after a blocked layout, on cells that fill no block") {
  NetworkDefinition d(3);
  const Node conv = convolution_node(d.input(), {32, 3, 3, 3}, 1, {.padding = 1});
  const LrnOptions options{.alpha = 0.5F};
  d.output(d.append({.kind = Node::Kind::lrn, .reads = {d.append(conv)}, .lrn = options}));
  const auto x = random_tensor<4>({2, 3, 7, 9}, 5);
  CpuNetwork network(packed(d), {2, 3, 7, 9});
  network.execute(x);
  const auto before = convolved(as_double<4>(x), conv);
  auto expected = before;
  reference::lrn<double>(before, options, expected);
  CHECK(relative_difference(network.output(0), TensorView<const double, 4>(expected)) < 5e-6);
}

TEST_CASE("Network: the input itself may be an output") {
  NetworkDefinition d(2);
  d.output(d.input());
  CpuNetwork network(packed(d), {1, 2, 3, 4});
  auto x = random_tensor<4>({1, 2, 3, 4}, 1);
  network.execute(x);
  CHECK(copied(network.output(0)) == x);
}

TEST_CASE("Network: copies share weights and nothing else, and run in threads of their own") {
  const TwoLevels net;
  CpuNetwork network(packed(net.definition), {1, 3, 33, 28});
  constexpr int workers = 4;
  std::vector<Tensor<float, 4>> inputs, alone, together(workers);
  for (int i = 0; i < workers; ++i) {
    inputs.push_back(random_tensor<4>({1, 3, 33, 28}, 20 + static_cast<std::uint64_t>(i)));
    network.execute(inputs.back());
    alone.push_back(copied(network.output(1)));
  }
  std::vector<std::thread> threads;
  for (int i = 0; i < workers; ++i)
    threads.emplace_back([&, i, mine = network]() mutable {
      for (int repeat = 0; repeat < 20; ++repeat) mine.execute(inputs[static_cast<std::size_t>(i)]);
      together[static_cast<std::size_t>(i)] = copied(mine.output(1));
    });
  for (auto& t : threads) t.join();
  for (std::size_t i = 0; i < workers; ++i) CHECK(together[i] == alone[i]);
}

TEST_CASE("Network: memory is used again") {
  // Ten convolutions in a row need little more than two activations.
  NetworkDefinition d(8);
  Value x = d.input();
  for (std::uint64_t i = 0; i < 10; ++i) {
    Node node = convolution_node(x, {8, 8, 1, 1}, i);
    node.activation = Activation::relu;  // else the ten would be made one
    x = d.append(node);
  }
  d.output(x);
  CpuNetwork network(packed(d), {1, 8, 64, 64});
  const std::size_t one = 8 * 64 * 64 * sizeof(float);
  CHECK(network.arena_bytes() >= 2 * one);
  CHECK(network.arena_bytes() < 5 * one);
}

TEST_CASE("NetworkDefinition: operations that do not fit are refused") {
  NetworkDefinition d(3);
  CHECK_THROWS_AS(d.append(convolution_node({0}, {4, 2, 3, 3}, 1)), ShapeError);
  CHECK_THROWS_AS(d.append(convolution_node({7}, {4, 3, 3, 3}, 1)), Error);
  CHECK_THROWS_AS(d.append({.kind = Node::Kind::activation}), Error);
  const Value a = d.append(convolution_node({0}, {4, 3, 3, 3}, 1));
  CHECK_THROWS_AS(d.append({.kind = Node::Kind::add, .reads = {a, d.input()}}), ShapeError);
  // A sum of two sizes shows when a size is known.
  const Value b = d.append(convolution_node({0}, {4, 3, 1, 1}, 1));
  d.output(d.append({.kind = Node::Kind::add, .reads = {a, b}}));
  CHECK_THROWS_AS(CpuNetwork(packed(d), {1, 3, 8, 8}), ShapeError);
}
