// SPDX-License-Identifier: MIT
#include "../random_tensor.hpp"

#include <pursuit/core/bf16.hpp>
#include <pursuit/kernels/cpu/arithmetic.hpp>
#include <pursuit/kernels/network.hpp>
#include <pursuit/kernels/reference/convolution.hpp>

#include <doctest/doctest.h>

#include <support/compiled_networks.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

using namespace pursuit;
using namespace pursuit::kernels;

namespace {

Node convolution(Value x, const Shape<4>& w, std::uint64_t seed, const ConvolutionOptions& options = {},
                 Activation activation = Activation::none) {
  Node node{.kind = Node::Kind::convolution, .reads = {x}, .convolution = options, .activation = activation};
  node.weight = random_tensor(w, seed);
  node.weight *= static_cast<float>(std::sqrt(3.0 / static_cast<double>(w[1] * w[2] * w[3])));
  node.bias = random_tensor<1>({w[0]}, seed + 1);
  return node;
}

// What the networks of trackers are made of, each once: what a convolution may be, what may come between two, and
// weights that come at run time.
NetworkDefinition everything() {
  NetworkDefinition d(3);
  Value x = d.append(convolution(d.input(), {16, 3, 3, 3}, 1, {.stride = 2, .padding = 1}, Activation::hard_swish));
  x = d.append({.kind = Node::Kind::max_pool, .reads = {x}, .pooling = {.kernel = 3, .stride = 2, .padding = 1}});
  const Value narrow = x;
  x = d.append(convolution(x, {32, 16, 1, 1}, 3, {}, Activation::relu6));
  x = d.append(convolution(x, {32, 1, 5, 5}, 5, {.padding = 2, .groups = 32}, Activation::hard_swish));
  Node squeeze{.kind = Node::Kind::squeeze_excitation, .reads = {x}};
  squeeze.squeeze = {.reduce = random_tensor<2>({8, 32}, 7),
                     .reduce_bias = random_tensor<1>({8}, 8),
                     .expand = random_tensor<2>({32, 8}, 9),
                     .expand_bias = random_tensor<1>({32}, 10)};
  x = d.append(std::move(squeeze));
  Node shortcut = convolution(x, {16, 32, 1, 1}, 11);
  shortcut.reads.push_back(narrow);
  x = d.append(std::move(shortcut));
  const Value wide = d.append(convolution(x, {32, 16, 3, 3}, 13, {.padding = 1}, Activation::relu));
  Node again = convolution(wide, {32, 32, 3, 3}, 15, {.padding = 1}, Activation::relu);
  again.reads.push_back(wide);  // by Winograd, with a residual
  const Value strided = d.append(std::move(again));
  const Value both = d.append({.kind = Node::Kind::concatenate, .reads = {wide, strided}});
  x = d.append({.kind = Node::Kind::slice, .channels = 32, .reads = {both}, .first = 16});
  x = d.append({.kind = Node::Kind::lrn, .reads = {x}, .lrn = {.alpha = 0.5F}});
  x = d.append({.kind = Node::Kind::average_pool, .reads = {x}, .pooling = {.kernel = 2, .stride = 1}});
  x = d.append({.kind = Node::Kind::activation, .reads = {x}, .activation = Activation::hard_swish});
  const Value compared = d.append({.kind = Node::Kind::convolution,
                                   .reads = {x},
                                   .convolution = {.groups = 32},
                                   .given = true,
                                   .given_shape = {32, 1, 3, 3}});
  const Value pixels =
      d.append({.kind = Node::Kind::convolution, .reads = {compared}, .given = true, .given_shape = {16, 32, 1, 1}});
  x = d.append(convolution(pixels, {16, 16, 1, 1}, 17));
  x = d.append({.kind = Node::Kind::add, .reads = {x, pixels}});
  Node strided_shortcut = convolution(strided, {8, 32, 3, 3}, 19, {.stride = 2, .padding = 1});
  const Value even = d.append(std::move(strided_shortcut));
  Node sampled = convolution(strided, {8, 32, 1, 1}, 23, {.stride = 2}, Activation::relu);
  sampled.reads.push_back(even);
  d.output(d.append(std::move(sampled)));
  d.output(d.append(convolution(x, {8, 16, 1, 1}, 21)));
  return d;
}

using Outputs = std::vector<Tensor<float, 4>>;

Outputs answers(Arithmetic arithmetic) {
  Network<Cpu> network(std::make_shared<PackedNetwork<Cpu>>(everything(), arithmetic), {2, 3, 47, 42});
  auto depthwise = random_tensor<4>({32, 1, 3, 3}, 31), pixelwise = random_tensor<4>({16, 32, 1, 1}, 32);
  network.give(0, depthwise);
  network.give(1, pixelwise);
  const Network<Cpu> copy = network;  // shares what is packed, and has given weights of its own
  network = copy;
  const auto x = random_tensor<4>({2, 3, 47, 42}, 33);
  Outputs outputs;
  for (int repeat = 0; repeat < 2; ++repeat) {
    network.execute(x);
    outputs.clear();
    for (std::size_t i = 0; i < network.outputs(); ++i) {
      const auto out = network.output(i);
      outputs.push_back(make_tensor<float, 4>(out.shape));
      std::copy(out.begin(), out.end(), outputs.back().data());
    }
  }
  return outputs;
}

double difference(const Outputs& a, const Outputs& b) {
  double worst = 0;
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i)
    worst = std::max(worst, relative_difference(TensorView<const float, 4>(a[i]), TensorView<const float, 4>(b[i])));
  return worst;
}

// A rounding is off by 2^-9 of the number at most; here about ten products follow each other.
constexpr double half_digit = 1.0 / 512;

}  // namespace

TEST_CASE("Arithmetic: oneDNN's convolutions and those of ours agree") {
  CHECK(difference(answers(Arithmetic::backend_floats), answers(Arithmetic::floats)) < 5e-6);
}

TEST_CASE("Arithmetic: rounded networks are near those of floats, but not the same") {
  const double off = difference(answers(Arithmetic::rounded), answers(Arithmetic::floats));
  CAPTURE(off);
  CHECK(off < 10 * half_digit);
  CHECK(off > half_digit / 10);
}

TEST_CASE("Arithmetic: bf16 by oneDNN agrees with rounded floats") {
  const double off = difference(answers(Arithmetic::backend_bf16), answers(Arithmetic::rounded));
  if (onednn::multiplies_bf16()) {
    MESSAGE("this processor multiplies bf16; difference " << off);
    CHECK(off < 10 * half_digit);  // another order of sums rounds some numbers the other way
  } else {
    MESSAGE("this processor does not multiply bf16: everything falls back");
    CHECK(off == 0);
  }
}

TEST_CASE("Arithmetic: what is rounded, and what is not") {
  // The input and the weights are, the result, which only the caller reads, and the bias are not.
  NetworkDefinition d(4);
  const Node node = convolution(d.input(), {8, 4, 3, 3}, 1);
  d.output(d.append(node));
  const auto x = random_tensor<4>({1, 4, 9, 7}, 3);
  Tensor<double, 4> rounded_x(x), rounded_w(node.weight);
  for (Tensor<double, 4>* t : {&rounded_x, &rounded_w})
    for (double& value : *t) value = bf16(static_cast<float>(value));
  const Tensor<double, 1> bias(node.bias);
  auto y = make_tensor<double, 4>({1, 8, 7, 5});
  reference::convolution<double>(rounded_x, rounded_w, bias, {}, y);
  for (const Arithmetic arithmetic : {Arithmetic::rounded, arithmetic_for(Precision::bf16)}) {
    Network<Cpu> network(std::make_shared<PackedNetwork<Cpu>>(d, arithmetic), {1, 4, 9, 7});
    network.execute(x);
    CHECK(relative_difference(network.output(0), TensorView<const double, 4>(y)) < 1e-6);
  }
  CHECK(arithmetic_for(Precision::float32) == Arithmetic::floats);
}
