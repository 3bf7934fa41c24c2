// SPDX-License-Identifier: MIT
// The stages of a box head on one frame: its convolutions over the window that ten boxes see and over the whole map,
// predicting overlaps, their gradient, and all of it as a tracker does it. Argument: channels inside (256 ATOM, 64
// mATOM).
#include <pursuit/core/random.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/estimator/box_head.hpp>
#include <pursuit/estimator/box_refinement.hpp>

#include <benchmark/benchmark.h>

#include <cstddef>
#include <vector>

namespace {

using namespace pursuit;

constexpr Index boxes = 10;

BoxHeadShape shape(Index width) { return width == 256 ? box_head_resnet18 : box_head_small; }

struct Frame {
  explicit Frame(Index width)
      : head(Weights::random(1), shape(width), ""),
        fine(make_tensor<float, 4>({1, shape(width).fine, 36, 36})),
        coarse(make_tensor<float, 4>({1, shape(width).coarse, 18, 18})),
        candidates(make_tensor<double, 2>({boxes, 4})) {
    Random random(1);
    for (float& v : fine) v = static_cast<float>(random.uniform());
    for (float& v : coarse) v = static_cast<float>(random.uniform());
    features.add({fine, 8});
    features.add({coarse, 16});
    const std::vector<Crop> crops(1);
    const std::vector<Box> targets{target};
    head.init({features, crops, targets, 0}, boxes);
    for (Index r = 0; r < boxes; ++r) {
      candidates(r, 0) = target.x + random.uniform(-8, 8);
      candidates(r, 1) = target.y + random.uniform(-8, 8);
      candidates(r, 2) = target.w + random.uniform(-12, 12);
      candidates(r, 3) = target.h + random.uniform(-12, 12);
    }
  }
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;

  const Box target{115, 118, 60, 54};
  BoxHead head;
  Tensor<float, 4> fine, coarse;
  FeatureMaps<> features;
  Tensor<double, 2> candidates;
  Tensor<double, 2> overlaps = make_tensor<double, 2>({boxes, 1}), slopes = make_tensor<double, 2>({boxes, 4});
};

void BM_WindowAndForward(benchmark::State& state) {
  Frame f(state.range(0));
  for (auto _ : state) {
    f.head.look(f.features, 0);
    f.head.forward(f.candidates, f.overlaps);
  }
}
void BM_WholeMapAndForward(benchmark::State& state) {
  Frame f(state.range(0));
  f.candidates(0, 0) = f.candidates(0, 1) = 0;
  f.candidates(0, 2) = f.candidates(0, 3) = 288;
  for (auto _ : state) {
    f.head.look(f.features, 0);
    f.head.forward(f.candidates, f.overlaps);
  }
}
void BM_Forward(benchmark::State& state) {
  Frame f(state.range(0));
  f.head.look(f.features, 0);
  for (auto _ : state) f.head.forward(f.candidates, f.overlaps);
}
void BM_Backward(benchmark::State& state) {
  Frame f(state.range(0));
  f.head.look(f.features, 0);
  f.head.forward(f.candidates, f.overlaps);
  for (auto _ : state) f.head.backward(f.slopes);
}
void BM_Refinement(benchmark::State& state) {
  Frame f(state.range(0));
  BoxRefinement refinement;
  Random random(2);
  for (auto _ : state) {
    f.head.look(f.features, 0);
    benchmark::DoNotOptimize(
        refinement.refine(f.target, random, [&](const auto& at, const auto& overlaps, const auto& slopes) {
          f.head.forward(at, overlaps);
          f.head.backward(slopes);
        }));
  }
}
BENCHMARK(BM_WindowAndForward)->Arg(256)->Arg(64)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_WholeMapAndForward)->Arg(256)->Arg(64)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_Forward)->Arg(256)->Arg(64)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_Backward)->Arg(256)->Arg(64)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_Refinement)->Arg(256)->Arg(64)->Unit(benchmark::kMicrosecond);

}  // namespace
