// SPDX-License-Identifier: MIT
#include <pursuit/core/random.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/kernels/peak.hpp>

#include <benchmark/benchmark.h>

using namespace pursuit;

namespace {

Tensor<float, 2> response(Index side) {
  Random random(1);
  auto map = make_tensor<float, 2>({side, side});
  for (float& v : map) v = static_cast<float>(random.uniform());
  map(side / 2, side / 3) = 2;
  return map;
}

// The maps of correlation filters, DCFNet and SiamFC.
void BM_FindPeak(benchmark::State& state) {
  const auto map = response(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(kernels::find_peak(map));
  state.SetBytesProcessed(state.iterations() * state.range(0) * state.range(0) * 4);
}
BENCHMARK(BM_FindPeak)->Arg(40)->Arg(125)->Arg(272);

void BM_PeakToSidelobe(benchmark::State& state) {
  const auto map = response(state.range(0));
  const auto peak = kernels::find_peak(map);
  for (auto _ : state) benchmark::DoNotOptimize(kernels::peak_to_sidelobe(map, peak, true));
  state.SetBytesProcessed(state.iterations() * state.range(0) * state.range(0) * 4);
}
BENCHMARK(BM_PeakToSidelobe)->Arg(40)->Arg(125);

}  // namespace
