// SPDX-License-Identifier: MIT
// The convolutions of SiamFC on three search regions and of DCFNet on three patches: as a network runs them, and by
// oneDNN alone with packed weights in its own layouts. Both count the operations of the direct sum. The plain loop is
// shown for the smallest.
#include "../support/convolutions.hpp"
#include "../support/onednn_convolution.hpp"

#include <pursuit/kernels/convolution.hpp>
#include <pursuit/kernels/network.hpp>
#include <pursuit/kernels/reference/convolution.hpp>

#include <benchmark/benchmark.h>

#include <memory>
#include <utility>

namespace {

using namespace pursuit;
using namespace pursuit::bench;
using namespace pursuit::kernels;

const Convolution layers[] = {
    {{3, 3, 255, 255}, {96, 3, 11, 11}, {.stride = 2}},
    {{3, 96, 61, 61}, {256, 48, 5, 5}, {.groups = 2}},
    {{3, 256, 28, 28}, {384, 256, 3, 3}, {}},
    {{3, 384, 26, 26}, {384, 192, 3, 3}, {.groups = 2}},
    {{3, 384, 24, 24}, {256, 192, 3, 3}, {.groups = 2}},
    {{3, 3, 125, 125}, {32, 3, 3, 3}, {.padding = 1}},
    {{3, 32, 125, 125}, {32, 32, 3, 3}, {.padding = 1}},
};

void BM_NetworkConvolution(benchmark::State& state) {
  const Convolution& l = layers[state.range(0)];
  // Bringing the input and the output from and to rows is part of it, as in a network of one layer.
  NetworkDefinition d(static_cast<int>(l.x[1]));
  Node node{
      .kind = Node::Kind::convolution, .reads = {d.input()}, .convolution = l.options, .activation = Activation::relu};
  node.weight = noise(l.w, 1);
  d.output(d.append(std::move(node)));
  Network<Cpu> network(std::make_shared<PackedNetwork<Cpu>>(std::move(d)), l.x);
  const auto x = noise(l.x, 2);
  for (auto _ : state) network.execute(x);
  describe(state, l);
}

void BM_OneDnnConvolution(benchmark::State& state) { run_onednn(state, layers[state.range(0)]); }

void BM_ReferenceConvolution(benchmark::State& state) {
  const Convolution& l = layers[state.range(0)];
  const auto x = noise(l.x, 1), w = noise(l.w, 2);
  auto y = make_tensor<float, 4>(convolution_shape("bench", l.x, l.w, l.options));
  for (auto _ : state) {
    reference::convolution<float>(x, w, {}, l.options, y);
    benchmark::DoNotOptimize(y.data());
  }
  describe(state, l);
}

BENCHMARK(BM_NetworkConvolution)->DenseRange(0, 6)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_OneDnnConvolution)->DenseRange(0, 6)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_ReferenceConvolution)->Arg(5)->Unit(benchmark::kMillisecond);

}  // namespace
