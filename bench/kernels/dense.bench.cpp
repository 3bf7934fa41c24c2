// SPDX-License-Identifier: MIT
// Convolutions of ResNet-18 and -50 as ATOM, DRNet (288 pixels) and SiamRPN++ (255) have them, without those of
// 3 x 3 with stride 1: our kernels, and oneDNN alone with packed weights in its own layouts.
#include <pursuit/core/aligned.hpp>
#include <pursuit/core/random.hpp>
#include <pursuit/kernels/cpu/dense.hpp>
#include <pursuit/kernels/cpu/onednn_compat.hpp>
#include <pursuit/kernels/cpu/pointwise.hpp>

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>

namespace {

using namespace pursuit;
using namespace pursuit::kernels;

struct Layer {
  Shape<4> x, w;
  ConvolutionOptions options;
};

const Layer strided[] = {{{1, 64, 72, 72}, {128, 64, 3, 3}, {.stride = 2, .padding = 1}},
                         {{1, 128, 36, 36}, {256, 128, 3, 3}, {.stride = 2, .padding = 1}},
                         {{1, 128, 63, 63}, {128, 128, 3, 3}, {.stride = 2}},
                         {{1, 64, 72, 72}, {128, 64, 1, 1}, {.stride = 2}},
                         {{1, 512, 36, 36}, {1024, 512, 1, 1}, {.stride = 2}},
                         {{1, 256, 22, 22}, {20, 256, 4, 4}, {}}};
const Layer pointwise[] = {{{1, 64, 72, 72}, {256, 64, 1, 1}, {}},     {{1, 256, 72, 72}, {64, 256, 1, 1}, {}},
                           {{1, 512, 36, 36}, {128, 512, 1, 1}, {}},   {{1, 256, 31, 31}, {1024, 256, 1, 1}, {}},
                           {{1, 1024, 31, 31}, {256, 1024, 1, 1}, {}}, {{1, 2048, 31, 31}, {256, 2048, 1, 1}, {}}};

AlignedVector<float> noise(Index count, std::uint64_t seed) {
  AlignedVector<float> numbers(static_cast<std::size_t>(count));
  Random random(seed);
  for (float& v : numbers) v = static_cast<float>(random.uniform(-1, 1));
  return numbers;
}

void describe(benchmark::State& state, const Layer& l) {
  const double outputs = static_cast<double>(volume(convolution_shape("bench", l.x, l.w, l.options)));
  state.counters["FLOP/s"] = benchmark::Counter(2 * outputs * static_cast<double>(l.w[1] * l.w[2] * l.w[3]),
                                                benchmark::Counter::kIsIterationInvariantRate);
  state.SetLabel(concat(l.x, " with ", l.w));
}

template <const auto& layers>
void BM_Dense(benchmark::State& state) {
  const Layer& l = layers[state.range(0)];
  const Dense kernel(l.x, l.w, l.options, Activation::relu);
  const auto x = noise(volume(l.x), 1), w = noise(Dense::packed_floats(l.w), 2);
  AlignedVector<float> y(static_cast<std::size_t>(volume(kernel.output_shape()) * 2));
  AlignedVector<float> scratch(static_cast<std::size_t>(kernel.scratch_floats()));
  for (auto _ : state) kernel.run(x.data(), w.data(), nullptr, y.data(), scratch.data());
  describe(state, l);
}

void BM_Pointwise(benchmark::State& state) {
  const Layer& l = pointwise[state.range(0)];
  const Pointwise kernel(l.x, l.w, l.options, Activation::relu);
  const auto x = noise(volume(l.x), 1), w = noise(Pointwise::packed_floats(l.w), 2);
  AlignedVector<float> y(static_cast<std::size_t>(volume(kernel.output_shape())));
  for (auto _ : state) kernel.run(x.data(), w.data(), nullptr, y.data());
  describe(state, l);
}

template <const auto& layers>
void BM_OneDnn(benchmark::State& state) {
  const Layer& l = layers[state.range(0)];
  const ConvolutionOptions& o = l.options;
  dnnl::post_ops after;
  onednn::append_activation(after, Activation::relu);
  const Shape<4> y_shape = convolution_shape("bench", l.x, l.w, o);
  const auto pd =
      onednn::convolution_desc(onednn::attributes(after), onednn::any(onednn::dims_of(l.x)),
                               onednn::any(onednn::dims_of(l.w)), onednn::Desc(), onednn::any(onednn::dims_of(y_shape)),
                               {o.stride, o.stride}, {0, 0}, {o.padding, o.padding}, {o.padding, o.padding});
  const auto floats = [](const onednn::Desc& desc) { return static_cast<Index>(desc.get_size() / 4 + 1); };
  auto x = noise(floats(pd.src_desc()), 1), w = noise(floats(pd.weights_desc()), 2),
       y = noise(floats(pd.dst_desc()), 3), scratch = noise(floats(pd.scratchpad_desc()), 4);
  const auto& engine = onednn::cpu_engine();
  dnnl::memory xm(pd.src_desc(), engine, x.data()), wm(pd.weights_desc(), engine, w.data()),
      ym(pd.dst_desc(), engine, y.data()), sm(pd.scratchpad_desc(), engine, scratch.data());
  dnnl::stream stream(engine);
  dnnl::convolution_forward primitive(pd);
  for (auto _ : state)
    primitive.execute(stream,
                      {{DNNL_ARG_SRC, xm}, {DNNL_ARG_WEIGHTS, wm}, {DNNL_ARG_DST, ym}, {DNNL_ARG_SCRATCHPAD, sm}});
  describe(state, l);
}

BENCHMARK(BM_Dense<strided>)->DenseRange(0, 5)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_OneDnn<strided>)->DenseRange(0, 5)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_Pointwise)->DenseRange(0, 5)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_Dense<pointwise>)->DenseRange(0, 5)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_OneDnn<pointwise>)->DenseRange(0, 5)->Unit(benchmark::kMicrosecond);

}  // namespace
