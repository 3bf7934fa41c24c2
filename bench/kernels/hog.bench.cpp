// SPDX-License-Identifier: MIT
#include <pursuit/core/random.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/kernels/hog.hpp>
#include <pursuit/kernels/reference/hog.hpp>

#include <benchmark/benchmark.h>

using namespace pursuit;

namespace {

template <class Kernel>
void hog_square(benchmark::State& state, const Kernel& kernel) {
  const Index side = state.range(0);
  Random random(1);
  auto patch = make_tensor<float, 3>({3, side, side});
  for (float& v : patch) v = static_cast<float>(random.uniform());
  auto out = make_tensor<float, 3>({31, side / 4, side / 4});
  for (auto _ : state) {
    kernel(TensorView<const float, 3>(patch), TensorView<float, 3>(out));
    benchmark::ClobberMemory();
  }
  state.counters["pixels/s"] =
      benchmark::Counter(static_cast<double>(side * side), benchmark::Counter::kIsIterationInvariantRate);
}

// Cell 4 on the patches of correlation filters with grids of 25, 32, 40 and 64.
void BM_Hog(benchmark::State& state) {
  kernels::HogWorkspace workspace;
  hog_square(state, [&](const auto& patch, const auto& out) { kernels::hog(patch, 4, out, workspace); });
}
BENCHMARK(BM_Hog)->Arg(100)->Arg(128)->Arg(160)->Arg(256)->Unit(benchmark::kMicrosecond);

void BM_HogReference(benchmark::State& state) {
  hog_square(state, [](const auto& patch, const auto& out) { kernels::reference::hog<float>(patch, 4, out); });
}
BENCHMARK(BM_HogReference)->Arg(100)->Arg(160)->Unit(benchmark::kMicrosecond);

}  // namespace
