// SPDX-License-Identifier: MIT
// The convolutions of NanoTrack v3 on one search region: our kernels, oneDNN alone with packed weights in its own
// layouts, and the core's ceiling, sums of products that stay in the registers.
#include "../support/convolutions.hpp"
#include "../support/onednn_convolution.hpp"

#include <pursuit/core/aligned.hpp>
#include <pursuit/kernels/cpu/depthwise.hpp>
#include <pursuit/kernels/cpu/expanded_depthwise.hpp>
#include <pursuit/kernels/cpu/pointwise.hpp>
#include <pursuit/kernels/cpu/stem.hpp>

#include <benchmark/benchmark.h>

#include <cstddef>
#include <type_traits>

namespace {

using namespace pursuit;
using namespace pursuit::bench;
using namespace pursuit::kernels;

const Convolution stems[] = {{{1, 3, 255, 255}, {16, 3, 3, 3}, {.stride = 2, .padding = 1}},
                             {{1, 3, 255, 255}, {96, 3, 11, 11}, {.stride = 2}}};
const Convolution pointwise[] = {{{1, 16, 64, 64}, {72, 16, 1, 1}, {}},   {{1, 88, 32, 32}, {24, 88, 1, 1}, {}},
                                 {{1, 40, 16, 16}, {240, 40, 1, 1}, {}},  {{1, 240, 16, 16}, {40, 240, 1, 1}, {}},
                                 {{1, 288, 16, 16}, {96, 288, 1, 1}, {}}, {{1, 96, 15, 15}, {96, 96, 1, 1}, {}}};
const Convolution depthwise[] = {{{1, 72, 64, 64}, {72, 1, 3, 3}, {.stride = 2, .padding = 1, .groups = 72}},
                                 {{1, 88, 32, 32}, {88, 1, 3, 3}, {.padding = 1, .groups = 88}},
                                 {{1, 96, 32, 32}, {96, 1, 5, 5}, {.stride = 2, .padding = 2, .groups = 96}},
                                 {{1, 240, 16, 16}, {240, 1, 5, 5}, {.padding = 2, .groups = 240}},
                                 {{1, 96, 15, 15}, {96, 1, 3, 3}, {.padding = 1, .groups = 96}}};

template <class Kernel, const auto& layers>
void BM_Own(benchmark::State& state) {
  const Convolution& l = layers[state.range(0)];
  const Kernel kernel(l.x, l.w, l.options, Activation::relu);
  const auto x = noise(volume(l.x), 1), w = noise(Kernel::packed_floats(l.w), 2);
  AlignedVector<float> y(static_cast<std::size_t>(volume(kernel.output_shape())));
  if constexpr (std::is_same_v<Kernel, Pointwise>) {
    for (auto _ : state) kernel.run(x.data(), w.data(), nullptr, y.data());
  } else {
    AlignedVector<float> scratch(static_cast<std::size_t>(kernel.scratch_floats()));
    for (auto _ : state) kernel.run(x.data(), w.data(), y.data(), scratch.data());
  }
  describe(state, l);
}

template <const auto& layers>
void BM_OneDnn(benchmark::State& state) {
  run_onednn(state, layers[state.range(0)]);
}

// A block's expansion and depthwise convolution as one kernel; compare with the sum of its two parts.
void BM_Expanded(benchmark::State& state) {
  const Convolution& second = depthwise[state.range(0)];
  const Index expanded = second.x[1], inputs = expanded == 72 ? 16 : expanded == 240 ? 40 : 24;
  const Shape<4> x_shape{1, inputs, second.x[2], second.x[3]}, e_shape{expanded, inputs, 1, 1};
  const ExpandedDepthwise kernel(x_shape, e_shape, {}, Activation::relu, second.w, second.options, Activation::relu);
  const auto x = noise(volume(x_shape), 1), e = noise(Pointwise::packed_floats(e_shape), 2),
             w = noise(Depthwise::packed_floats(second.w), 3);
  AlignedVector<float> y(static_cast<std::size_t>(volume(kernel.output_shape())));
  AlignedVector<float> scratch(static_cast<std::size_t>(kernel.scratch_floats()));
  for (auto _ : state) kernel.run(x.data(), e.data(), w.data(), y.data(), scratch.data());
  count(state, operations(second) + operations({x_shape, e_shape, {}}));
  state.SetLabel(concat(x_shape, " with ", e_shape, " and ", second.w));
}

void BM_Ceiling(benchmark::State& state) {
  constexpr int rounds = 1000;
  const auto x = noise(cells_in_registers * lane_count, 1), w = noise(lane_count, 2);
  AlignedVector<float> y(cells_in_registers * lane_count);
  for (auto _ : state) {
    Sums<cells_in_registers, 1> sums;
    sums.clear();
    for (int i = 0; i < rounds; ++i) sums.add_each(x.data(), lane_count, w.data());
    sums.store(y.data(), 0);
    benchmark::ClobberMemory();
  }
  count(state, 2.0 * rounds * cells_in_registers * lane_count);
}

BENCHMARK(BM_Ceiling)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_Own<Stem, stems>)->DenseRange(0, 1)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_OneDnn<stems>)->DenseRange(0, 1)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_Own<Pointwise, pointwise>)->DenseRange(0, 5)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_OneDnn<pointwise>)->DenseRange(0, 5)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_Own<Depthwise, depthwise>)->DenseRange(0, 4)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_OneDnn<depthwise>)->DenseRange(0, 4)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_Expanded)->DenseRange(0, 3)->Unit(benchmark::kMicrosecond);

}  // namespace
