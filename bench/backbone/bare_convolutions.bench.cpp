// SPDX-License-Identifier: MIT
// Whole backbones of trackers with learned filters beside nothing but their convolutions, each called bare through
// oneDNN with packed weights, a bias and an activation, in the layouts that it likes best. The time is the backbone's;
// `bare_ms` that of the convolutions, taken in turns with it, and `ratio` the backbone's share of it.
#include <pursuit/backbone/mobilenet_v2.hpp>
#include <pursuit/backbone/residual_features.hpp>
#include <pursuit/kernels/cpu/onednn_compat.hpp>
#include <pursuit/kernels/cpu/packed_network.hpp>
#include <pursuit/nn/plan_builder.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <unordered_map>
#include <utility>
#include <vector>

namespace {

using namespace pursuit;
using kernels::Node;
namespace onednn = kernels::onednn;

class BareConvolutions {
 public:
  BareConvolutions(const kernels::NetworkDefinition& definition, const Shape<4>& input) {
    std::vector<Shape<4>> shapes{input};
    for (std::size_t i = 1; i < definition.nodes().size(); ++i) {
      const Node& n = definition.nodes()[i];
      const Shape<4> x = shapes[n.reads[0].node];
      if (n.kind == Node::Kind::convolution) {
        shapes.push_back(convolution_shape("bench", x, n.weight_shape(), n.convolution));
        add(n, x, shapes.back());
      } else {
        shapes.push_back(n.kind == Node::Kind::max_pool ? pooling_shape("bench", x, n.pooling) : x);
      }
    }
  }

  void run() {
    for (Call& call : calls_) call.primitive.execute(stream_, call.arguments);
  }
  double operations() const { return operations_; }

 private:
  struct Call {
    dnnl::convolution_forward primitive;
    std::unordered_map<int, dnnl::memory> arguments;
  };

  void add(const Node& n, const Shape<4>& x, const Shape<4>& y) {
    const kernels::ConvolutionOptions& o = n.convolution;
    const Shape<4> w = n.weight_shape();
    const auto padding = [&](std::size_t axis) { return padding_of(x[axis], (w[axis] - 1) * o.dilation + 1, o); };
    const auto above = padding(2), beside = padding(3);
    dnnl::post_ops after;
    onednn::append_activation(after, n.activation);
    const auto pd = onednn::convolution_desc(onednn::attributes(after), onednn::any(onednn::dims_of(x)),
                                             onednn::any(kernels::PackedNetwork<Cpu>::weight_dims(n)),
                                             onednn::plain({w[0]}), onednn::any(onednn::dims_of(y)),
                                             {o.stride, o.stride}, {o.dilation - 1, o.dilation - 1},
                                             {above.before, beside.before}, {above.after, beside.after});
    const auto memory = [](const onednn::Desc& desc) {
      dnnl::memory m(desc, onednn::cpu_engine());
      auto* bytes = static_cast<float*>(m.get_data_handle());
      std::fill_n(bytes, desc.get_size() / sizeof(float), 0.01F);
      return m;
    };
    calls_.push_back({dnnl::convolution_forward(pd),
                      {{DNNL_ARG_SRC, memory(pd.src_desc())},
                       {DNNL_ARG_WEIGHTS, memory(pd.weights_desc())},
                       {DNNL_ARG_BIAS, memory(onednn::plain({w[0]}))},
                       {DNNL_ARG_DST, memory(pd.dst_desc())},
                       {DNNL_ARG_SCRATCHPAD, memory(pd.scratchpad_desc())}}});
    operations_ += 2.0 * static_cast<double>(volume(y) * w[1] * w[2] * w[3]);
  }

  std::vector<Call> calls_;
  double operations_ = 0;
  dnnl::stream stream_{onednn::cpu_engine()};
};

template <class Work>
double seconds(Work&& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

template <class Backbone, class Layers>
void compare(benchmark::State& state, Layers layers, Index side) {
  const Weights weights = Weights::random(7);
  nn::load(layers, weights, "");
  nn::PlanBuilder builder(3);
  for (const auto level : layers.levels(builder, builder.input())) builder.output(level);
  Backbone backbone(weights);
  const auto x = make_tensor<float, 4>({1, 3, side, side}, 1.0F);
  BareConvolutions bare(builder.take(), {1, 3, side, side});
  backbone.extract(x);  // chooses primitives and packs weights
  bare.run();
  double all = 0, convolutions = 0;
  for (auto _ : state) {
    const double own = seconds([&] { backbone.extract(x); });
    state.SetIterationTime(own);
    all += own;
    convolutions += seconds([&] { bare.run(); });
  }
  state.counters["FLOP/s"] = benchmark::Counter(bare.operations(), benchmark::Counter::kIsIterationInvariantRate);
  state.counters["bare_ms"] = benchmark::Counter(1000 * convolutions, benchmark::Counter::kAvgIterations);
  state.counters["ratio"] = all / convolutions;
}

void BM_ResNet18(benchmark::State& state) {
  compare<ResidualFeatures<resnet18>>(state, ResidualFeaturesLayers(resnet18), 288);
}
void BM_ResNet50(benchmark::State& state) {
  compare<ResidualFeatures<resnet50>>(state, ResidualFeaturesLayers(resnet50), 320);
}
void BM_MobileNetV2(benchmark::State& state) {
  compare<MobileNetV2<mobilenet_v2>>(state, MobileNetV2Layers(mobilenet_v2), 288);
}

BENCHMARK(BM_ResNet18)->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK(BM_ResNet50)->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK(BM_MobileNetV2)->UseManualTime()->Unit(benchmark::kMillisecond);

}  // namespace
