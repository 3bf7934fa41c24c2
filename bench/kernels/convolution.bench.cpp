// SPDX-License-Identifier: MIT
// The convolutions of SiamFC on three search regions and of DCFNet on three patches: as a network runs them, and by
// oneDNN alone with packed weights in its own layouts. Both count the operations of the direct sum. The plain loop is
// shown for the smallest.
#include <pursuit/core/random.hpp>
#include <pursuit/kernels/convolution.hpp>
#include <pursuit/kernels/cpu/onednn_compat.hpp>
#include <pursuit/kernels/network.hpp>
#include <pursuit/kernels/reference/convolution.hpp>

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace {

using namespace pursuit;
using namespace pursuit::kernels;

struct Layer {
  Shape<4> x, w;
  ConvolutionOptions options;
};

const Layer layers[] = {
    {{3, 3, 255, 255}, {96, 3, 11, 11}, {.stride = 2}},
    {{3, 96, 61, 61}, {256, 48, 5, 5}, {.groups = 2}},
    {{3, 256, 28, 28}, {384, 256, 3, 3}, {}},
    {{3, 384, 26, 26}, {384, 192, 3, 3}, {.groups = 2}},
    {{3, 384, 24, 24}, {256, 192, 3, 3}, {.groups = 2}},
    {{3, 3, 125, 125}, {32, 3, 3, 3}, {.padding = 1}},
    {{3, 32, 125, 125}, {32, 32, 3, 3}, {.padding = 1}},
};

template <std::size_t N>
Tensor<float, N> noise(const Shape<N>& shape, std::uint64_t seed) {
  auto t = make_tensor<float, N>(shape);
  Random random(seed);
  for (float& v : t) v = static_cast<float>(random.uniform(-1, 1));
  return t;
}

void count(benchmark::State& state, const Layer& l) {
  const Shape<4> y = convolution_shape("bench", l.x, l.w, l.options);
  const double operations = 2.0 * static_cast<double>(volume(y) * l.w[1] * l.w[2] * l.w[3]);
  state.counters["FLOP/s"] = benchmark::Counter(operations, benchmark::Counter::kIsIterationInvariantRate);
  state.SetLabel(concat(l.x, " with ", l.w));
}

void BM_NetworkConvolution(benchmark::State& state) {
  const Layer& l = layers[state.range(0)];
  // Bringing the input and the output from and to rows is part of it, as in a network of one layer.
  NetworkDefinition d(static_cast<int>(l.x[1]));
  Node node{
      .kind = Node::Kind::convolution, .reads = {d.input()}, .convolution = l.options, .activation = Activation::relu};
  node.weight = noise(l.w, 1);
  d.output(d.append(std::move(node)));
  Network<Cpu> network(std::make_shared<PackedNetwork<Cpu>>(std::move(d)), l.x);
  const auto x = noise(l.x, 2);
  for (auto _ : state) network.execute(x);
  count(state, l);
}

void BM_OneDnnConvolution(benchmark::State& state) {
  const Layer& l = layers[state.range(0)];
  const ConvolutionOptions& o = l.options;
  const Shape<4> y_shape = convolution_shape("bench", l.x, l.w, o);
  onednn::Dims w_dims = onednn::dims_of(l.w);
  if (o.groups > 1) {
    w_dims[0] /= o.groups;
    w_dims.insert(w_dims.begin(), o.groups);
  }
  dnnl::post_ops after;
  onednn::append_activation(after, Activation::relu);
  const auto pd =
      onednn::convolution_desc(onednn::attributes(after), onednn::any(onednn::dims_of(l.x)), onednn::any(w_dims),
                               onednn::Desc(), onednn::any(onednn::dims_of(y_shape)), {o.stride, o.stride},
                               {o.dilation - 1, o.dilation - 1}, {o.padding, o.padding}, {o.padding, o.padding});
  AlignedVector<float> x(pd.src_desc().get_size() / 4), w(pd.weights_desc().get_size() / 4),
      y(pd.dst_desc().get_size() / 4), scratch(pd.scratchpad_desc().get_size() / 4 + 1);
  const auto& engine = onednn::cpu_engine();
  dnnl::memory xm(pd.src_desc(), engine, x.data()), wm(pd.weights_desc(), engine, w.data()),
      ym(pd.dst_desc(), engine, y.data()), sm(pd.scratchpad_desc(), engine, scratch.data());
  dnnl::stream stream(engine);
  dnnl::convolution_forward primitive(pd);
  for (auto _ : state)
    primitive.execute(stream,
                      {{DNNL_ARG_SRC, xm}, {DNNL_ARG_WEIGHTS, wm}, {DNNL_ARG_DST, ym}, {DNNL_ARG_SCRATCHPAD, sm}});
  count(state, l);
}

void BM_ReferenceConvolution(benchmark::State& state) {
  const Layer& l = layers[state.range(0)];
  const auto x = noise(l.x, 1), w = noise(l.w, 2);
  auto y = make_tensor<float, 4>(convolution_shape("bench", l.x, l.w, l.options));
  for (auto _ : state) {
    reference::convolution<float>(x, w, {}, l.options, y);
    benchmark::DoNotOptimize(y.data());
  }
  count(state, l);
}

BENCHMARK(BM_NetworkConvolution)->DenseRange(0, 6)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_OneDnnConvolution)->DenseRange(0, 6)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_ReferenceConvolution)->Arg(5)->Unit(benchmark::kMillisecond);

}  // namespace
