// SPDX-License-Identifier: MIT
// Convolutions of ResNet-18 and -50 as ATOM, DRNet (288 pixels) and SiamRPN++ (255) have them, without those of
// 3 x 3 with stride 1: our kernels, and oneDNN alone with packed weights in its own layouts.
#include "../support/convolutions.hpp"
#include "../support/onednn_convolution.hpp"

#include <pursuit/core/aligned.hpp>
#include <pursuit/kernels/cpu/dense.hpp>
#include <pursuit/kernels/cpu/pointwise.hpp>

#include <benchmark/benchmark.h>

#include <cstddef>

namespace {

using namespace pursuit;
using namespace pursuit::bench;
using namespace pursuit::kernels;

const Convolution strided[] = {{{1, 64, 72, 72}, {128, 64, 3, 3}, {.stride = 2, .padding = 1}},
                               {{1, 128, 36, 36}, {256, 128, 3, 3}, {.stride = 2, .padding = 1}},
                               {{1, 128, 63, 63}, {128, 128, 3, 3}, {.stride = 2}},
                               {{1, 64, 72, 72}, {128, 64, 1, 1}, {.stride = 2}},
                               {{1, 512, 36, 36}, {1024, 512, 1, 1}, {.stride = 2}},
                               {{1, 256, 22, 22}, {20, 256, 4, 4}, {}}};
const Convolution pointwise[] = {
    {{1, 64, 72, 72}, {256, 64, 1, 1}, {}},     {{1, 256, 72, 72}, {64, 256, 1, 1}, {}},
    {{1, 512, 36, 36}, {128, 512, 1, 1}, {}},   {{1, 256, 31, 31}, {1024, 256, 1, 1}, {}},
    {{1, 1024, 31, 31}, {256, 1024, 1, 1}, {}}, {{1, 2048, 31, 31}, {256, 2048, 1, 1}, {}}};

template <const auto& layers>
void BM_Dense(benchmark::State& state) {
  const Convolution& l = layers[state.range(0)];
  const Dense kernel(l.x, l.w, l.options, Activation::relu);
  const auto x = noise(volume(l.x), 1), w = noise(Dense::packed_floats(l.w), 2);
  AlignedVector<float> y(static_cast<std::size_t>(volume(kernel.output_shape()) * 2));
  AlignedVector<float> scratch(static_cast<std::size_t>(kernel.scratch_floats()));
  for (auto _ : state) kernel.run(x.data(), w.data(), nullptr, y.data(), scratch.data());
  describe(state, l);
}

void BM_Pointwise(benchmark::State& state) {
  const Convolution& l = pointwise[state.range(0)];
  const Pointwise kernel(l.x, l.w, l.options, Activation::relu);
  const auto x = noise(volume(l.x), 1), w = noise(Pointwise::packed_floats(l.w), 2);
  AlignedVector<float> y(static_cast<std::size_t>(volume(kernel.output_shape())));
  for (auto _ : state) kernel.run(x.data(), w.data(), nullptr, y.data());
  describe(state, l);
}

template <const auto& layers>
void BM_OneDnn(benchmark::State& state) {
  run_onednn(state, layers[state.range(0)]);
}

BENCHMARK(BM_Dense<strided>)->DenseRange(0, 5)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_OneDnn<strided>)->DenseRange(0, 5)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_Pointwise)->DenseRange(0, 5)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_Dense<pointwise>)->DenseRange(0, 5)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_OneDnn<pointwise>)->DenseRange(0, 5)->Unit(benchmark::kMicrosecond);

}  // namespace
