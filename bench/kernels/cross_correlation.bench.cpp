// SPDX-License-Identifier: MIT
// SiamFC's sizes: a 6 x 6 exemplar over three 22 x 22 search maps.
#include <pursuit/core/tensor.hpp>
#include <pursuit/kernels/cross_correlation.hpp>
#include <pursuit/kernels/reference/cross_correlation.hpp>

#include <benchmark/benchmark.h>

namespace {

using namespace pursuit;

template <class Correlate>
void correlate(benchmark::State& state, Correlate&& correlation) {
  const Index channels = state.range(0);
  const auto z = make_tensor<float, 4>({1, channels, 6, 6}, 0.5F), x = make_tensor<float, 4>({3, channels, 22, 22}, 2);
  auto y = make_tensor<float, 3>({3, 17, 17});
  for (auto _ : state) {
    correlation(TensorView<const float, 4>(z), TensorView<const float, 4>(x), TensorView<float, 3>(y));
    benchmark::DoNotOptimize(y.data());
  }
  state.counters["FLOP/s"] = benchmark::Counter(2.0 * static_cast<double>(channels) * 36 * 3 * 17 * 17,
                                                benchmark::Counter::kIsIterationInvariantRate);
}

void BM_CrossCorrelation(benchmark::State& state) {
  correlate(state, [](auto z, auto x, auto y) { kernels::cross_correlation(z, x, y, 0.001F); });
}
void BM_ReferenceCrossCorrelation(benchmark::State& state) {
  correlate(state, [](auto z, auto x, auto y) { kernels::reference::cross_correlation<float>(z, x, y, 0.001F); });
}

BENCHMARK(BM_CrossCorrelation)->Arg(256)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_ReferenceCrossCorrelation)->Arg(256)->Unit(benchmark::kMicrosecond);

}  // namespace
