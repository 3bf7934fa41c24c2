// SPDX-License-Identifier: MIT
#include <pursuit/core/tensor.hpp>
#include <pursuit/kernels/reference/upsample.hpp>
#include <pursuit/kernels/upsample.hpp>

#include <benchmark/benchmark.h>

using namespace pursuit;

namespace {

// SiamFC's response: 17 x 17 to 272 x 272.
template <class Kernel>
void upsample(benchmark::State& state, const Kernel& kernel) {
  auto x = make_tensor<float, 2>({17, 17}, 0.5F), y = make_tensor<float, 2>({272, 272});
  for (auto _ : state) {
    kernel(TensorView<const float, 2>(x), TensorView<float, 2>(y));
    benchmark::ClobberMemory();
  }
  state.counters["cells/s"] = benchmark::Counter(272.0 * 272, benchmark::Counter::kIsIterationInvariantRate);
}

void BM_UpsampleBicubic(benchmark::State& state) { upsample(state, kernels::upsample_bicubic); }
void BM_UpsampleBicubicReference(benchmark::State& state) {
  upsample(state, kernels::reference::upsample_bicubic<float>);
}
BENCHMARK(BM_UpsampleBicubic)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_UpsampleBicubicReference)->Unit(benchmark::kMicrosecond);

}  // namespace
