// SPDX-License-Identifier: MIT
#include "cpu/blocked.hpp"
#include "random_tensor.hpp"

#include <pursuit/kernels/fold_pointwise.hpp>
#include <pursuit/kernels/network.hpp>

#include <doctest/doctest.h>

#include <support/compiled_networks.hpp>

#include <algorithm>
#include <memory>
#include <vector>

using namespace pursuit;
using namespace pursuit::kernels;

namespace {

Node pointwise(Value x, Index inputs, Index outputs, std::uint64_t seed, Activation activation = Activation::none) {
  Node node{.kind = Node::Kind::convolution, .reads = {x}, .activation = activation};
  node.weight = random_tensor<4>({outputs, inputs, 1, 1}, seed);
  node.bias = random_tensor<1>({outputs}, seed + 1);
  return node;
}

/// One after the other, as they are written.
Tensor<float, 4> apart(const Tensor<float, 4>& x, const Node& node) {
  return Tensor<float, 4>(expected_convolution(x, node.weight, node.bias, node.convolution, {}, node.activation));
}

std::size_t removed(const NetworkDefinition& d) {
  std::size_t count = 0;
  for (std::size_t i = 1; i < d.nodes().size(); ++i) count += d.nodes()[i].reads.empty();
  return count;
}

const Tensor<float, 4> x = random_tensor<4>({2, 12, 5, 3}, 9);

/// What the network gives, against `expected`.
double difference(const NetworkDefinition& d, const Tensor<float, 4>& expected,
                  const Tensor<float, 4>* given = nullptr) {
  Network<Cpu> network(std::make_shared<PackedNetwork<Cpu>>(d), {2, 12, 5, 3});
  if (given != nullptr) network.give(0, *given);
  network.execute(x);
  return relative_difference(network.output(0), TensorView<const float, 4>(expected));
}

// Two roundings of sums of at most 40 terms, in another order.
constexpr double tolerance = 1e-6;

}  // namespace

TEST_CASE("fold_pointwise: a chain becomes one convolution, with the activation of its last") {
  NetworkDefinition d(12);
  const Node a = pointwise({0}, 12, 20, 1), b = pointwise({1}, 20, 16, 3),
             c = pointwise({2}, 16, 30, 5, Activation::relu);
  d.append(a);
  d.append(b);
  d.output(d.append(c));
  const NetworkDefinition folded = fold_pointwise(d);
  CHECK(removed(folded) == 2);
  CHECK(folded.nodes()[3].reads == std::vector<Value>{{0}});
  CHECK(difference(d, apart(apart(apart(x, a), b), c)) < tolerance);
}

TEST_CASE("fold_pointwise: through a concatenation") {
  NetworkDefinition d(12);
  const Node a = pointwise({0}, 12, 20, 1), b = pointwise({0}, 12, 8, 3, Activation::relu),
             c = pointwise({3}, 28, 30, 5);
  const Value va = d.append(a), vb = d.append(b);
  for (const bool first : {true, false}) {
    CAPTURE(first);
    NetworkDefinition e = d;
    e.append({.kind = Node::Kind::concatenate, .reads = first ? std::vector{va, vb} : std::vector{vb, va}});
    e.output(e.append(c));
    CHECK(removed(fold_pointwise(e)) == 1);
    auto joined = make_tensor<float, 4>({2, 28, 5, 3});
    const auto ya = apart(x, a), yb = apart(x, b);
    for (Index n = 0; n < 2; ++n) {
      float* to = joined.data() + n * 28 * 15;
      if (!first) to = std::copy_n(yb.data() + n * 8 * 15, 8 * 15, to);
      to = std::copy_n(ya.data() + n * 20 * 15, 20 * 15, to);
      if (first) std::copy_n(yb.data() + n * 8 * 15, 8 * 15, to);
    }
    CHECK(difference(e, apart(joined, c)) < tolerance);
  }
}

TEST_CASE("fold_pointwise: weights that are given later are multiplied then") {
  NetworkDefinition d(12);
  const Node a = pointwise({0}, 12, 20, 1);
  Node b{.kind = Node::Kind::convolution, .reads = {{1}}, .given = true, .given_shape = {16, 20, 1, 1}};
  b.bias = random_tensor<1>({16}, 4);
  d.append(a);
  d.output(d.append(b));
  CHECK(removed(fold_pointwise(d)) == 1);
  Node known = b;
  known.weight = random_tensor<4>({16, 20, 1, 1}, 7);
  CHECK(difference(d, apart(apart(x, a), known), &known.weight) < tolerance);
}

TEST_CASE("fold_pointwise: leaves what is no chain, and what would cost more") {
  const auto folds = [](const Node& first, const Node& second, bool output_of_first = false) {
    NetworkDefinition d(12);
    const Value v = d.append(first);
    if (output_of_first) d.output(v);
    d.output(d.append(second));
    return removed(fold_pointwise(d)) != 0;
  };
  const Node plain = pointwise({0}, 12, 20, 1), after = pointwise({1}, 20, 30, 3);
  CHECK(folds(plain, after));
  CHECK_FALSE(folds(plain, after, true));
  CHECK_FALSE(folds(pointwise({0}, 12, 20, 1, Activation::relu6), after));
  CHECK_FALSE(folds(pointwise({0}, 12, 2, 1), pointwise({1}, 2, 30, 3)));
  Node residual = after;
  residual.weight = random_tensor<4>({20, 20, 1, 1}, 3);
  residual.bias = {};
  residual.reads.push_back({1});
  CHECK_FALSE(folds(plain, residual));
  Node padded = after;
  padded.convolution.padding = 1;
  CHECK_FALSE(folds(plain, padded));
  Node wide = after;
  wide.weight = random_tensor<4>({30, 20, 3, 3}, 3);
  CHECK_FALSE(folds(plain, wide));
}
