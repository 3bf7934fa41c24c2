// SPDX-License-Identifier: MIT
#include <pursuit/core/image.hpp>
#include <pursuit/core/random.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/kernels/crop.hpp>
#include <pursuit/kernels/reference/crop.hpp>

#include <benchmark/benchmark.h>

using namespace pursuit;

namespace {

Image noise() {
  Random random(1);
  Image frame(640, 480, PixelOrder::rgb);
  for (int i = 0; i < 640 * 480 * 3; ++i) frame.data()[i] = static_cast<std::uint8_t>(random.below(256));
  return frame;
}

// Patch size and window size, both square: correlation filters, DCFNet, SiamFC (8-bit rounding), ATOM.
template <class Kernel>
void crop_square(benchmark::State& state, Rounding rounding, const Kernel& kernel) {
  const Image frame = noise();
  const int size = static_cast<int>(state.range(0)), window = static_cast<int>(state.range(1));
  Crop c = resized({100, 50, 100 + window - 1, 50 + window - 1}, size, size);
  c.rounding = rounding;
  auto patch = make_tensor<float, 3>({3, size, size});
  for (auto _ : state) {
    kernel(frame.view(), c, PixelFormat{}, TensorView<float, 3>(patch));
    benchmark::DoNotOptimize(patch.data());
    benchmark::ClobberMemory();
  }
  state.counters["pixels/s"] = benchmark::Counter(1.0 * size * size, benchmark::Counter::kIsIterationInvariantRate);
}

void sizes(benchmark::internal::Benchmark* b) {
  b->Args({160, 200})->Args({125, 100})->Args({255, 200})->Args({255, 400})->Args({288, 300});
  b->Unit(benchmark::kMicrosecond);
}

void BM_Crop(benchmark::State& state) { crop_square(state, Rounding::none, kernels::crop); }
void BM_CropReference(benchmark::State& state) { crop_square(state, Rounding::none, kernels::reference::crop); }
void BM_CropBytes(benchmark::State& state) { crop_square(state, Rounding::u8, kernels::crop); }
void BM_CropBytesReference(benchmark::State& state) { crop_square(state, Rounding::u8, kernels::reference::crop); }
BENCHMARK(BM_Crop)->Apply(sizes);
BENCHMARK(BM_CropReference)->Apply(sizes);
BENCHMARK(BM_CropBytes)->Apply(sizes);
BENCHMARK(BM_CropBytesReference)->Apply(sizes);

void BM_MeanColour(benchmark::State& state) {
  const Image frame = noise();
  for (auto _ : state) benchmark::DoNotOptimize(kernels::mean_colour(frame));
  state.SetBytesProcessed(state.iterations() * 640 * 480 * 3);
}
BENCHMARK(BM_MeanColour)->Unit(benchmark::kMicrosecond);

}  // namespace
