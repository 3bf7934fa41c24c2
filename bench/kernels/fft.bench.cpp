// SPDX-License-Identifier: MIT
#include <pursuit/core/random.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/kernels/fft.hpp>

#include <cmath>
#include <complex>

#include <benchmark/benchmark.h>

using namespace pursuit;

namespace {

// 31 channels of HOG on the grids of correlation filters, 32 channels of DCFNet. 31 x 31 is here as a warning: sides
// with large prime factors cost several times their neighbours.
void sizes(benchmark::internal::Benchmark* b) {
  for (const int side : {25, 31, 32, 36, 40, 48, 50, 64}) b->Args({31, side});
  b->Args({32, 125})->Args({32, 128});
  b->Unit(benchmark::kMicrosecond);
}

void count(benchmark::State& state) {
  const double cells = static_cast<double>(state.range(1) * state.range(1));
  state.counters["FLOP/s"] = benchmark::Counter(2.5 * static_cast<double>(state.range(0)) * cells * std::log2(cells),
                                                benchmark::Counter::kIsIterationInvariantRate);
}

void BM_Forward(benchmark::State& state) {
  const Index batch = state.range(0), side = state.range(1);
  Random random(1);
  auto x = make_tensor<float, 3>({batch, side, side});
  for (float& v : x) v = static_cast<float>(random.uniform(-1, 1));
  auto X = make_tensor<std::complex<float>, 3>({batch, side, side / 2 + 1});
  for (auto _ : state) {
    kernels::Fft2<float>(batch, side, side).forward(x, X);
    benchmark::ClobberMemory();
  }
  count(state);
}
BENCHMARK(BM_Forward)->Apply(sizes);

void BM_Inverse(benchmark::State& state) {
  const Index batch = state.range(0), side = state.range(1);
  auto x = make_tensor<float, 3>({batch, side, side});
  auto X = make_tensor<std::complex<float>, 3>({batch, side, side / 2 + 1});
  for (auto _ : state) {
    kernels::Fft2<float>(batch, side, side).inverse(X, x);
    benchmark::ClobberMemory();
  }
  count(state);
}
BENCHMARK(BM_Inverse)->Apply(sizes);

}  // namespace
