// SPDX-License-Identifier: MIT
#include <pursuit/core/tensor.hpp>
#include <pursuit/kernels/complex_fft.hpp>
#include <pursuit/kernels/fft.hpp>
#include <pursuit/kernels/reference/spectra.hpp>
#include <pursuit/kernels/spectra.hpp>

#include <benchmark/benchmark.h>

#include <complex>

using namespace pursuit;
using Complex = std::complex<float>;

// The transforms of 32 channels: DCFNet's 125 x 125, and grids of cells as HOG filters have them. Pairs of channels as
// one complex map beside FFTW's own real transforms.
static void BM_PairedFft(benchmark::State& state) {
  const Index side = state.range(0), pairs = 16;
  auto x = make_tensor<Complex, 3>({pairs, side, side}, Complex(0.5F, 0.25F)), X = x;
  const kernels::ComplexFft2<> fft(pairs, side, side);
  for (auto _ : state) {
    fft.forward(x, X);
    benchmark::DoNotOptimize(X.data());
  }
  state.SetItemsProcessed(state.iterations() * 32);
}
static void BM_RealFft(benchmark::State& state) {
  const Index side = state.range(0), channels = 32;
  const auto x = make_tensor<float, 3>({channels, side, side}, 0.5F);
  auto X = make_tensor<Complex, 3>({channels, side, side / 2 + 1});
  const kernels::Fft2<float> fft(channels, side, side);
  for (auto _ : state) {
    fft.forward(x, X);
    benchmark::DoNotOptimize(X.data());
  }
  state.SetItemsProcessed(state.iterations() * 32);
}
BENCHMARK(BM_PairedFft)->Arg(31)->Arg(32)->Arg(40)->Arg(48)->Arg(64)->Arg(125)->Arg(128)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_RealFft)->Arg(31)->Arg(32)->Arg(40)->Arg(48)->Arg(64)->Arg(125)->Arg(128)->Unit(benchmark::kMicrosecond);

// The response's spectrum: 16 pairs of channels.
template <auto Kernel>
static void BM_ConjugateProducts(benchmark::State& state) {
  const Index cells = state.range(0) * state.range(0), pairs = 16;
  const auto w = make_tensor<Complex, 2>({pairs, cells}, Complex(0.5F, 0.1F)), x = w;
  auto out = make_tensor<Complex, 1>({cells});
  for (auto _ : state) {
    Kernel(w.data(), x.data(), pairs, cells, out.data());
    benchmark::DoNotOptimize(out.data());
  }
  state.counters["FLOP/s"] =
      benchmark::Counter(8.0 * static_cast<double>(pairs * cells), benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(BM_ConjugateProducts<kernels::conjugate_products>)->Arg(32)->Arg(125)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_ConjugateProducts<kernels::reference::conjugate_products<float>>)
    ->Arg(32)
    ->Arg(125)
    ->Unit(benchmark::kMicrosecond);
