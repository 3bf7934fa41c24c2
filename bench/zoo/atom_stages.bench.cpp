// SPDX-License-Identifier: MIT
// Where a frame of ATOM and of mATOM goes: every stage with its share of the frame, its arithmetic (that of direct
// products and convolutions, whatever is done instead), and how much of the core's ceiling that is, which is what
// oneDNN's matrix products reach in the same program. The memory is full; an update is spread over its ten frames.
//
//   pursuit.bench.zoo.atom_stages           a table for each tracker and precision
//   pursuit.bench.zoo.atom_stages 2000      what updates cost over so many frames with a full memory
#include <pursuit/backbone/mobilenet_v2.hpp>
#include <pursuit/backbone/residual_features.hpp>
#include <pursuit/classifier/online_filter.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/core/threads.hpp>
#include <pursuit/estimator/box_head.hpp>
#include <pursuit/estimator/box_refinement.hpp>
#include <pursuit/kernels/cpu/arithmetic.hpp>
#include <pursuit/kernels/crop.hpp>
#include <pursuit/nn/plan_builder.hpp>
#include <pursuit/track/atom_region.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <limits>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace {

using namespace pursuit;
namespace onednn = kernels::onednn;

constexpr Index patch = 288, cells = patch / 16, boxes = 10;
constexpr int steps = 5, interval = 10, memory = 250, iterations = 5;

/// Of the processor, so that other programs count only by what they take of the core and its caches.
double milliseconds() { return 1e3 * static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }
/// The least of some runs.
template <class Work>
double least(int runs, Work&& work) {
  double best = std::numeric_limits<double>::max();
  for (int i = 0; i < runs; ++i) {
    const double start = milliseconds();
    work();
    best = std::min(best, milliseconds() - start);
  }
  return best;
}

/// Operations a second of a product of matrices of 1024 x 1024, which is a convolution of 1 x 1.
double ceiling(onednn::Type type) {
  constexpr Index n = 1024;
  const onednn::Dims image{1, n, 32, 32}, weight{n, n, 1, 1};
  const auto pd = onednn::convolution_desc(onednn::attributes(), onednn::any(image, type), onednn::any(weight, type),
                                           onednn::Desc(), onednn::any(image), {1, 1}, {0, 0}, {0, 0}, {0, 0});
  const auto zeros = [](const onednn::Desc& desc) {
    dnnl::memory m(desc, onednn::cpu_engine());
    std::fill_n(static_cast<char*>(m.get_data_handle()), desc.get_size(), char(0));
    return m;
  };
  const std::unordered_map<int, dnnl::memory> arguments{{DNNL_ARG_SRC, zeros(pd.src_desc())},
                                                        {DNNL_ARG_WEIGHTS, zeros(pd.weights_desc())},
                                                        {DNNL_ARG_DST, zeros(pd.dst_desc())},
                                                        {DNNL_ARG_SCRATCHPAD, zeros(pd.scratchpad_desc())}};
  const dnnl::convolution_forward product(pd);
  dnnl::stream stream(onednn::cpu_engine());
  double best = least(20, [&] { product.execute(stream, arguments); });
  if (type == onednn::Type::f32) {
    const std::vector<float> a(n * n, 1.0F), b(a);
    std::vector<float> c(a);
    best =
        std::min(best, least(10, [&] { dnnl_sgemm('N', 'N', n, n, n, 1, a.data(), n, b.data(), n, 0, c.data(), n); }));
  }
  return 2.0 * n * n * n / best * 1e3;
}

/// Of a network's convolutions.
double operations(const kernels::NetworkDefinition& definition, const Shape<4>& input) {
  std::vector<Shape<4>> shapes{input};
  double sum = 0;
  for (std::size_t i = 1; i < definition.nodes().size(); ++i) {
    const kernels::Node& n = definition.nodes()[i];
    const Shape<4> x = shapes[n.reads[0].node];
    shapes.push_back(x);
    if (n.kind == kernels::Node::Kind::max_pool) shapes.back() = pooling_shape("bench", x, n.pooling);
    if (n.kind != kernels::Node::Kind::convolution) continue;
    const Shape<4> w = n.weight_shape();
    shapes.back() = convolution_shape("bench", x, w, n.convolution);
    sum += 2.0 * static_cast<double>(volume(shapes.back()) * w[1] * w[2] * w[3]);
  }
  return sum;
}

struct Stage {
  const char* name;
  double ms, operations;
};

/// A tracker's parts on random features, which cost what true ones do.
template <class Features, class Layers, int Compressed, BoxHeadShape Head>
class Parts {
 public:
  Parts(Layers layers, Precision precision)
      : layers_(std::move(layers)),
        backbone_(Weights::random(7), Features::published_prefix, precision),
        head_(Weights::random(7), Head, "", precision),
        filter_(filter_options()),
        frame_(640, 480, PixelOrder::rgb, 100),
        fine_(random({1, Head.fine, 2 * cells, 2 * cells})),
        coarse_(random({views(), Head.coarse, cells, cells})) {
    const std::vector<Crop> crops(static_cast<std::size_t>(views()), Crop{.width = int{patch}, .height = int{patch}});
    const std::vector<Box> targets(crops.size(), target);
    FeatureMaps<> first;
    first.add({coarse_, 16});
    filter_.init({first, crops, targets, 0, false});
    const TensorView<const float, 4> coarse(coarse_);
    seen_.add({fine_, 8});
    seen_.add({coarse.slice(0, 1), 16});
    head_.init({seen_, {crops.data(), 1}, {targets.data(), 1}, 0, false}, boxes);
    crop_ = crops[0];
    while (filter_.memory().used() < filter_.memory().size()) learn();
    while (frames_ % interval != 0) learn();
  }
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;

  /// A frame's learning.
  void learn() {
    filter_.update({seen_, {&crop_, 1}, {&target, 1}, 0, false}, {.box = target, .status = TrackStatus::tracking});
    ++frames_;
  }
  /// What the learning of ten frames costs altogether, and the dearest of them.
  std::pair<double, double> learn_ten() {
    double all = 0, worst = 0;
    for (int i = 0; i < interval; ++i) {
      const double ms = least(1, [&] { learn(); });
      all += ms;
      worst = std::max(worst, ms);
    }
    return {all, worst};
  }

  std::vector<Stage> stages(double& update) {
    std::vector<Stage> all;
    const PixelFormat format = backbone_.pixels();
    auto pixels = make_tensor<float, 4>({1, 3, patch, patch});
    const TensorView<float, 4> view(pixels);
    const TargetState state{.track = {.box = {290, 210, 60, 54}}, .first = {290, 210, 60, 54}};
    const Crop crop = AtomRegion().search(frame_, state, 1);
    all.push_back({"crop", least(50, [&] { kernels::crop(frame_, crop, format, view[0]); }), 0});

    nn::PlanBuilder builder(3);
    for (const auto level : layers_.levels(builder, builder.input())) builder.output(level);
    backbone_.extract(pixels);
    all.push_back(
        {"backbone", least(20, [&] { backbone_.extract(pixels); }), operations(builder.take(), {1, 3, patch, patch})});

    constexpr double area = cells * cells, tap = 2.0 * Compressed * 16 * area;
    all.push_back({"filter", least(50, [&] { filter_.respond(seen_); }), 2.0 * Head.coarse * Compressed * area + tap});

    auto candidates = make_tensor<double, 2>({boxes, 4}), overlaps = make_tensor<double, 2>({boxes, 1}),
         slopes = make_tensor<double, 2>({boxes, 4});
    Random random(1);
    for (Index r = 0; r < boxes; ++r) {
      const Box b{target.x + random.uniform(-8, 8), target.y + random.uniform(-8, 8),
                  target.w + random.uniform(-12, 12), target.h + random.uniform(-12, 12)};
      const std::array<double, 4> numbers{b.x, b.y, b.w, b.h};
      for (Index k = 0; k < 4; ++k) candidates(r, k) = numbers[static_cast<std::size_t>(k)];
    }
    head_.look(seen_, 0);
    head_.forward(candidates, overlaps);
    const double known = least(30, [&] { head_.forward(candidates, overlaps); });
    const double fresh = least(30, [&] {
      head_.look(seen_, 0);
      head_.forward(candidates, overlaps);
    });
    double convolved = 0;
    for (std::size_t l = 0; l < 2; ++l) {
      const Shape<2> window = head_.window(l);
      convolved += 2.0 * 9 * Head.width * (Head.width + (l == 0 ? Head.fine : Head.coarse)) *
                   static_cast<double>(window[0] * window[1]);
    }
    all.push_back({"box head: convolutions", fresh - known, convolved});

    BoxRefinement refinement;
    double whole = std::numeric_limits<double>::max();
    for (int i = 0; i < 30; ++i) {
      Random same(2);
      whole = std::min(whole, least(1, [&] {
                         refinement.refine(target, same, [&](const auto& at, const auto& o, const auto& s) {
                           head_.forward(at, o);
                           head_.backward(s);
                         });
                       }));
    }
    all.push_back({"box head: refinement", whole, 2.0 * 2 * steps * boxes * (25 + 9) * Head.width * Head.width});

    double ten = std::numeric_limits<double>::max();
    update = ten;
    for (int i = 0; i < 10; ++i) {
      const auto [sum, worst] = learn_ten();
      ten = std::min(ten, sum);
      update = std::min(update, worst);
    }
    // An update takes a pass over the memory to linearise, two for each product with J^T J, and one for the last.
    all.push_back({"update", ten / interval, 2.0 * iterations * memory * tap / interval});
    return all;
  }

 private:
  static constexpr Box target{115, 118, 60, 54};

  static typename OnlineFilter<Features::channels, Compressed>::Options filter_options() {
    return {.memory = memory, .interval = interval, .iterations = iterations, .patch = patch};
  }
  Index views() const { return static_cast<Index>(filter_.augmentations().size()) + 1; }
  static Tensor<float, 4> random(const Shape<4>& shape) {
    auto x = make_tensor<float, 4>(shape);
    Random numbers(3);
    for (float& v : x) v = static_cast<float>(numbers.uniform());
    return x;
  }

  Layers layers_;
  Features backbone_;
  BoxHead head_;
  OnlineFilter<Features::channels, Compressed> filter_;
  Image frame_;
  Tensor<float, 4> fine_, coarse_;
  FeatureMaps<> seen_;
  Crop crop_;
  int frames_ = 0;
};

using Atom = Parts<ResidualFeatures<resnet18>, ResidualFeaturesLayers, 64, box_head_resnet18>;
using MobileAtom = Parts<MobileNetV2<mobilenet_v2>, MobileNetV2Layers, 32, box_head_small>;

template <class Tracker, class Layers>
void table(const char* name, Layers layers, Precision precision) {
  const kernels::Arithmetic arithmetic = kernels::arithmetic_for(precision);
  const bool backend = arithmetic == kernels::Arithmetic::backend_bf16;
  const double top = ceiling(backend ? onednn::Type::bf16 : onednn::Type::f32),
               floats = backend ? ceiling(onednn::Type::f32) : top;
  double update = 0;
  const std::vector<Stage> stages = Tracker(std::move(layers), precision).stages(update);
  double whole = 0;
  for (const Stage& s : stages) whole += s.ms;
  std::printf("\n%s, %s%s: %.1f ms a frame, %.1f ms more with an update; ceiling %.0f GFLOP/s%s\n\n", name,
              precision == Precision::bf16 ? "bf16" : "float",
              arithmetic == kernels::Arithmetic::rounded ? " (floats made of it: no such instructions here)" : "",
              whole - stages.back().ms, update, top * 1e-9,
              backend ? " (in float for filter, refinement, update)" : "");
  std::printf("| stage | ms | share | GFLOP/s | of the ceiling |\n|---|---|---|---|---|\n");
  for (const Stage& s : stages) {
    const bool network = std::string(s.name) == "backbone" || std::string(s.name) == "box head: convolutions";
    const double speed = s.operations / s.ms * 1e3;
    std::printf("| %s | %.2f | %.1f %% |", s.name, s.ms, 100 * s.ms / whole);
    if (s.operations > 0)
      std::printf(" %.1f | %.0f %% |\n", speed * 1e-9, 100 * speed / (network ? top : floats));
    else
      std::printf(" | |\n");
  }
}

template <class Tracker, class Layers>
void updates(const char* name, Layers layers, int frames) {
  Tracker tracker(std::move(layers), Precision::float32);
  std::printf("\n%s: frames with a full memory, and the least, middle and most ms of an update\n", name);
  for (int done = 0; done < frames; done += 200) {
    std::vector<double> worst;
    for (int i = 0; i < 200 / interval; ++i) worst.push_back(tracker.learn_ten().second);
    std::sort(worst.begin(), worst.end());
    std::printf("%6d %6.2f %6.2f %6.2f\n", done + 200, worst.front(), worst[worst.size() / 2], worst.back());
  }
}

}  // namespace

int main(int count, char** arguments) {
  set_threads(1);
  if (count > 1) {
    const int frames = std::atoi(arguments[1]);
    updates<Atom>("ATOM", ResidualFeaturesLayers(resnet18), frames);
    updates<MobileAtom>("mATOM", MobileNetV2Layers(mobilenet_v2), frames);
    return 0;
  }
  for (const Precision precision : {Precision::float32, Precision::bf16}) {
    table<Atom>("ATOM", ResidualFeaturesLayers(resnet18), precision);
    table<MobileAtom>("mATOM", MobileNetV2Layers(mobilenet_v2), precision);
  }
}
