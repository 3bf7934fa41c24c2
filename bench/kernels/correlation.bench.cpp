// SPDX-License-Identifier: MIT
// Comparisons of a search region with an exemplar whose features are the weights, as the heads of SiamRPN++ (channel by
// channel), NanoTrack v3 (cell by cell, and channel by channel) and DaSiamRPN (whole kernels) have them: kernels of
// ours and the plain loop. Packing is what a new exemplar costs.
#include "../support/convolutions.hpp"

#include <pursuit/core/aligned.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/kernels/cpu/dense.hpp>
#include <pursuit/kernels/cpu/depthwise.hpp>
#include <pursuit/kernels/cpu/pointwise.hpp>
#include <pursuit/kernels/reference/convolution.hpp>

#include <benchmark/benchmark.h>

#include <cstddef>
#include <type_traits>

namespace {

using namespace pursuit;
using namespace pursuit::bench;
using namespace pursuit::kernels;

const Convolution depthwise[] = {{{1, 256, 29, 29}, {256, 1, 5, 5}, {.groups = 256}},
                                 {{1, 96, 16, 16}, {96, 1, 4, 4}, {.padding = 1, .groups = 96}}};
const Convolution pixelwise[] = {{{1, 96, 16, 16}, {64, 96, 1, 1}, {}}, {{1, 48, 16, 16}, {64, 48, 1, 1}, {}}};
const Convolution full[] = {{{1, 256, 22, 22}, {10, 256, 4, 4}, {}}, {{1, 512, 22, 22}, {20, 512, 4, 4}, {}}};

template <class Kernel, const auto& comparisons>
void BM_Own(benchmark::State& state) {
  const Convolution& c = comparisons[state.range(0)];
  const Kernel kernel(c.x, c.w, c.options, Activation::none);
  const auto x = noise(c.x, 1), w = noise(c.w, 2);
  AlignedVector<float> packed(static_cast<std::size_t>(Kernel::packed_floats(c.w)));
  Kernel::pack(w, {}, packed.data());
  const Shape<4> y_shape = kernel.output_shape();
  AlignedVector<float> y(static_cast<std::size_t>((y_shape[1] + lane_count) * y_shape[2] * y_shape[3]));
  if constexpr (std::is_same_v<Kernel, Pointwise>) {
    for (auto _ : state) kernel.run(x.data(), packed.data(), nullptr, y.data());
  } else {
    AlignedVector<float> scratch(static_cast<std::size_t>(kernel.scratch_floats()));
    for (auto _ : state)
      if constexpr (std::is_same_v<Kernel, Dense>)
        kernel.run(x.data(), packed.data(), nullptr, y.data(), scratch.data());
      else
        kernel.run(x.data(), packed.data(), y.data(), scratch.data());
  }
  describe(state, c);
}

template <class Kernel, const auto& comparisons>
void BM_Pack(benchmark::State& state) {
  const Convolution& c = comparisons[state.range(0)];
  const auto w = noise(c.w, 2);
  AlignedVector<float> packed(static_cast<std::size_t>(Kernel::packed_floats(c.w)));
  for (auto _ : state) {
    Kernel::pack(w, {}, packed.data());
    benchmark::DoNotOptimize(packed.data());
  }
  state.SetLabel(concat(c.w));
}

template <const auto& comparisons>
void BM_Reference(benchmark::State& state) {
  const Convolution& c = comparisons[state.range(0)];
  const auto x = noise(c.x, 1), w = noise(c.w, 2);
  auto y = make_tensor<float, 4>(convolution_shape("bench", c.x, c.w, c.options));
  for (auto _ : state) reference::convolution<float>(x, w, {}, c.options, y);
  describe(state, c);
}

BENCHMARK(BM_Own<Depthwise, depthwise>)->DenseRange(0, 1)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_Reference<depthwise>)->DenseRange(0, 1)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_Pack<Depthwise, depthwise>)->DenseRange(0, 1)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_Own<Pointwise, pixelwise>)->DenseRange(0, 1)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_Reference<pixelwise>)->DenseRange(0, 1)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_Pack<Pointwise, pixelwise>)->DenseRange(0, 1)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_Own<Dense, full>)->DenseRange(0, 1)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_Reference<full>)->DenseRange(0, 1)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_Pack<Dense, full>)->DenseRange(0, 1)->Unit(benchmark::kMicrosecond);

}  // namespace
