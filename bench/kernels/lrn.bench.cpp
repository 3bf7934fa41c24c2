// SPDX-License-Identifier: MIT
// DCFNet's normalisation of three maps. The number of merit is bytes read and written a second.
#include <pursuit/core/tensor.hpp>
#include <pursuit/kernels/cpu/blocked_lrn.hpp>
#include <pursuit/kernels/lrn.hpp>
#include <pursuit/kernels/reference/lrn.hpp>

#include <benchmark/benchmark.h>

#include <cstdint>

namespace {

using namespace pursuit;

template <class Normalise>
void normalise(benchmark::State& state, Normalise&& lrn) {
  const auto x = make_tensor<float, 4>({3, 32, 125, 125}, 3.0F);
  auto y = make_tensor<float, 4>({3, 32, 125, 125});
  for (auto _ : state) {
    lrn(TensorView<const float, 4>(x), TensorView<float, 4>(y));
    benchmark::DoNotOptimize(y.data());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * 2 * x.size() * sizeof(float)));
}

void BM_Lrn(benchmark::State& state) {
  normalise(state, [](auto x, auto y) { kernels::lrn(x, {}, y); });
}
// Out of blocks of channels, as networks on oneDNN have them, into rows.
void BM_BlockedLrn(benchmark::State& state) {
  normalise(state, [](auto x, auto y) { kernels::blocked_lrn(x.data, 3, 32, 125 * 125, {}, y.data); });
}
void BM_ReferenceLrn(benchmark::State& state) {
  normalise(state, [](auto x, auto y) { kernels::reference::lrn<float>(x, {}, y); });
}

BENCHMARK(BM_Lrn)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_BlockedLrn)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_ReferenceLrn)->Unit(benchmark::kMillisecond);

}  // namespace
