// SPDX-License-Identifier: MIT
// What ATOM's filter costs: an update with a full memory (250 samples of 64 channels, 18 x 18 cells, 5 conjugate
// gradients; of 32 channels for the small networks), and the joint problem of the first frame (30 samples of 256
// channels, 6 Gauss-Newton steps of 10 conjugate gradients). Operations are those of direct products,
// which would take 17.6 ms of the first at 103 GFLOP/s.
#include <pursuit/classifier/filter_residuals.hpp>
#include <pursuit/core/random.hpp>
#include <pursuit/optim/gauss_newton.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace {

using namespace pursuit;
using Solver = GaussNewton<float>;

FilterResiduals<float> memory(Index channels, std::size_t samples) {
  FilterResiduals<float> residuals(kernels::SampleFilter<float>(channels, 18, 18, 4), samples, {});
  Random random(1);
  std::vector<float> plain(static_cast<std::size_t>(channels * 18 * 18));
  for (std::size_t j = 0; j < samples; ++j) {
    for (float& v : plain) v = static_cast<float>(random.uniform(-1, 1));
    residuals.filter().pack(plain.data(), residuals.sample(j));
    std::fill_n(residuals.label(j), 18 * 18, 0.1F);
  }
  residuals.set_weights(std::vector<double>(samples, 1.0 / static_cast<double>(samples)));
  return residuals;
}

/// Passes over all samples, each one product with the filter.
void count(benchmark::State& state, double passes, Index channels, double samples) {
  state.counters["FLOP/s"] = benchmark::Counter(passes * samples * 2.0 * static_cast<double>(channels) * 16 * 18 * 18,
                                                benchmark::Counter::kIsIterationInvariantRate);
}

void BM_FilterUpdate(benchmark::State& state) {
  const Index channels = state.range(0);
  auto residuals = memory(channels, 250);
  FilterProblem<float> problem(residuals, 0.1);
  AlignedVector<float> w(static_cast<std::size_t>(residuals.filter().filter_size()), 1e-3F);
  residuals.respond(w.data());
  Solver solver({.beta = Solver::Solver::Beta::polak_ribiere});
  for (auto _ : state) solver.step(problem, w, 5);
  count(state, 10, channels, 250);
}

void BM_FirstFrame(benchmark::State& state) {
  const Index channels = state.range(0);
  auto residuals = memory(channels, 30);
  JointFilterProblem<float> problem(residuals, 64, 0.1, 1e-4);
  AlignedVector<float> start(problem.size());
  Random random(2);
  for (float& v : start) v = static_cast<float>(random.uniform(-0.05, 0.05));
  for (auto _ : state) {
    AlignedVector<float> x = start;
    Solver().run(problem, x, 6, 10);
    benchmark::DoNotOptimize(x.data());
  }
  count(state, 6 * (2 + 2 * 10 - 1), channels, 30);
}

BENCHMARK(BM_FilterUpdate)->Arg(64)->Arg(32)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_FirstFrame)->Arg(256)->Arg(1024)->Unit(benchmark::kMillisecond);

}  // namespace
