// SPDX-License-Identifier: MIT
// What a training step of a distilled tracker is made of: convolutions of ResNet-18 and MobileNetV2 with both
// gradients, batch norm, and the correlation of each block with its own target, at 288 pixels and a batch of 8. The
// direct sums stand beside the transforms for the smaller blocks.
#include "../support/convolutions.hpp"

#include <pursuit/core/tensor.hpp>
#include <pursuit/kernels/batch_norm.hpp>
#include <pursuit/kernels/convolution_training.hpp>
#include <pursuit/kernels/same_correlation.hpp>

#include <benchmark/benchmark.h>

namespace {

using namespace pursuit;
using namespace pursuit::bench;
using namespace pursuit::kernels;

const Convolution layers[] = {
    {{8, 3, 288, 288}, {64, 3, 7, 7}, {.stride = 2, .padding = 3}},
    {{8, 64, 72, 72}, {64, 64, 3, 3}, {.padding = 1}},
    {{8, 256, 18, 18}, {256, 256, 3, 3}, {.padding = 1}},
    {{8, 3, 288, 288}, {32, 3, 3, 3}, {.stride = 2, .padding = 1}},
    {{8, 16, 144, 144}, {96, 16, 1, 1}, {}},
    {{8, 96, 144, 144}, {96, 1, 3, 3}, {.stride = 2, .padding = 1, .groups = 96}},
    {{8, 192, 36, 36}, {192, 1, 3, 3}, {.padding = 1, .groups = 192}},
    {{8, 64, 18, 18}, {384, 64, 1, 1}, {}},
};

enum class Pass { forward, data, weights };

template <Pass P>
void BM_Convolution(benchmark::State& state) {
  const Convolution& l = layers[state.range(0)];
  const Shape<4> shape = convolution_shape("bench", l.x, l.w, l.options);
  auto x = noise(l.x, 1), w = noise(l.w, 2), y = noise(shape, 3);
  TrainingConvolution<float> kernel(l.x, l.w, l.options);
  for (auto _ : state) {
    if constexpr (P == Pass::forward) kernel.forward(x, w, {}, y);
    if constexpr (P == Pass::data) kernel.backward_data(y, w, x);
    if constexpr (P == Pass::weights) kernel.backward_weights(x, y, w);
  }
  describe(state, l);
}

void BM_BatchNorm(benchmark::State& state) {
  const Shape<4> shape{8, state.range(0), state.range(1), state.range(1)};
  auto x = noise(shape, 1), y = noise(shape, 2);
  const auto weight = noise<1>({shape[1]}, 3);
  Tensor<float, 1> mean(weight), inverse(weight), dw(weight), db(weight);
  for (auto _ : state) {
    batch_moments<float>(x, mean, inverse);
    batch_norm<float>(x, {mean, inverse}, weight, weight, y);
    batch_norm_backward<float>(x, y, {mean, inverse}, weight, false, y, dw, db);
  }
  state.SetBytesProcessed(state.iterations() * 4 * volume(shape));
}

struct Block {
  Index channels, side, target;
};
const Block blocks[] = {{32, 144, 29}, {24, 72, 15}, {32, 36, 9}, {64, 18, 5}};

void BM_SameCorrelation(benchmark::State& state) {
  const auto [c, n, s] = blocks[state.range(0)];
  const auto t = noise<4>({8, c, s, s}, 1), z = noise<4>({8, c, n, n}, 2);
  auto dt = t, dz = z;
  auto q = make_tensor<float, 3>({8, n, n});
  SameCorrelation<float> kernel;
  for (auto _ : state) {
    kernel.forward(t, z, q);
    kernel.backward(q, dt, dz);
  }
}
void BM_DirectCorrelation(benchmark::State& state) {
  const auto [c, n, s] = blocks[state.range(0)];
  const auto t = noise<4>({8, c, s, s}, 1), z = noise<4>({8, c, n, n}, 2);
  auto dt = t, dz = z;
  auto q = make_tensor<float, 3>({8, n, n});
  for (auto _ : state) {
    cross_correlation<float>(t, z, (s - 1) / 2, q);
    cross_correlation_backward<float>(t, z, (s - 1) / 2, q, dt, dz);
  }
}

BENCHMARK(BM_Convolution<Pass::forward>)->DenseRange(0, 7)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_Convolution<Pass::data>)->DenseRange(0, 7)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_Convolution<Pass::weights>)->DenseRange(0, 7)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_BatchNorm)->Args({96, 144})->Args({256, 18})->Unit(benchmark::kMillisecond);
BENCHMARK(BM_SameCorrelation)->DenseRange(0, 3)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_DirectCorrelation)->DenseRange(1, 3)->Unit(benchmark::kMillisecond);

}  // namespace
