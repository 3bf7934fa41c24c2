// SPDX-License-Identifier: MIT
// ATOM's sizes: one 4 x 4 filter on 64 channels of 18 x 18 cells, and a memory of 250 samples (20 MB), of one sample,
// which stays in the second cache, and the plain loops.
#include <pursuit/core/aligned.hpp>
#include <pursuit/kernels/reference/sample_filter.hpp>
#include <pursuit/kernels/sample_filter.hpp>

#include <benchmark/benchmark.h>

#include <cstddef>

namespace {

using namespace pursuit;

constexpr Index channels = 64, side = 18, kernel = 4;
constexpr double flops = 2.0 * channels * kernel * kernel * side * side;

struct Memory {
  kernels::SampleFilter<float> filter{channels, side, side, kernel};
  Index samples;
  AlignedVector<float> x, w, s, g;

  explicit Memory(Index n)
      : samples(n),
        x(static_cast<std::size_t>(n * filter.sample_size()), 0.5F),
        w(static_cast<std::size_t>(filter.filter_size()), 0.25F),
        s(static_cast<std::size_t>(filter.cells()), 0.125F),
        g(w.size(), 0.0F) {}
};

template <class Work>
void over_samples(benchmark::State& state, double passes, Work&& work) {
  Memory memory(state.range(0));
  for (auto _ : state) {
    for (Index j = 0; j < memory.samples; ++j) work(memory, memory.x.data() + j * memory.filter.sample_size());
    benchmark::DoNotOptimize(memory.g.data());
    benchmark::DoNotOptimize(memory.s.data());
  }
  state.counters["FLOP/s"] = benchmark::Counter(passes * flops * static_cast<double>(memory.samples),
                                                benchmark::Counter::kIsIterationInvariantRate);
}

void BM_Respond(benchmark::State& state) {
  over_samples(state, 1, [](Memory& m, const float* x) { m.filter.look(x), m.filter.respond(m.s.data()); });
}
void BM_AddGradient(benchmark::State& state) {
  over_samples(state, 1, [](Memory& m, const float* x) { m.filter.look(x), m.filter.collect(m.s.data(), x); });
}
/// What a conjugate gradient does with a sample.
void BM_Both(benchmark::State& state) {
  over_samples(state, 2, [](Memory& m, const float* x) {
    m.filter.look(x), m.filter.respond(m.s.data());
    m.filter.look(x), m.filter.collect(m.s.data(), x);
  });
}
void BM_ReferenceBoth(benchmark::State& state) {
  over_samples(state, 2, [](Memory& m, const float* x) {
    const Shape<3> sample{channels, side, side}, taps{channels, kernel, kernel};
    kernels::reference::filter_response<float>({x, sample}, {m.w.data(), taps}, {m.s.data(), {side, side}});
    kernels::reference::add_filter_gradient<float>({x, sample}, {m.s.data(), {side, side}}, {m.g.data(), taps});
  });
}

BENCHMARK(BM_Respond)->Arg(1)->Arg(250)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_AddGradient)->Arg(1)->Arg(250)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_Both)->Arg(1)->Arg(250)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_ReferenceBoth)->Arg(1)->Unit(benchmark::kMicrosecond);

}  // namespace
