// SPDX-License-Identifier: MIT
// The backbones on what their trackers hand them in a frame, with random weights. FLOP/s counts the operations of
// direct convolutions.
#include <pursuit/backbone/alexnet.hpp>
#include <pursuit/backbone/dcf_net.hpp>
#include <pursuit/backbone/mobilenet_v3.hpp>

#include <benchmark/benchmark.h>

namespace {

using namespace pursuit;

template <class Backbone>
void extract(benchmark::State& state, Index side, double operations_each) {
  Backbone backbone(Weights::random(7));
  const Index n = state.range(0);
  const auto x = make_tensor<float, 4>({n, 3, side, side}, 100.0F);
  backbone.extract(x);  // chooses primitives and packs weights
  for (auto _ : state) benchmark::DoNotOptimize(backbone.extract(x).top().values.data);
  state.counters["FLOP/s"] =
      benchmark::Counter(static_cast<double>(n) * operations_each, benchmark::Counter::kIsIterationInvariantRate);
}

// Twice outputs x taps, summed over the convolutions.
constexpr double alexnet_255 = 2.0 * (123.0 * 123 * 96 * 363 + 57.0 * 57 * 256 * 1200 + 26.0 * 26 * 384 * 2304 +
                                      24.0 * 24 * 384 * 1728 + 22.0 * 22 * 256 * 1728);
constexpr double dcf_net_125 = 2.0 * 125 * 125 * 32 * (27 + 288);

// NanoTrack v3's, as published: 58 million multiply-adds.
constexpr double mobilenet_255 = 2.0 * 58e6;

void BM_AlexNet(benchmark::State& state) { extract<AlexNet<>>(state, 255, alexnet_255); }
void BM_DcfNetFeatures(benchmark::State& state) { extract<DcfNetFeatures>(state, 125, dcf_net_125); }
void BM_MobileNetV3(benchmark::State& state) { extract<MobileNetV3<>>(state, 255, mobilenet_255); }

BENCHMARK(BM_AlexNet)->Arg(1)->Arg(3)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_DcfNetFeatures)->Arg(1)->Arg(3)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_MobileNetV3)->Arg(1)->Unit(benchmark::kMillisecond);

}  // namespace
