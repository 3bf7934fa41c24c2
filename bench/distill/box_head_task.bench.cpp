// SPDX-License-Identifier: MIT
#include <pursuit/backbone/mobilenet_v2.hpp>
#include <pursuit/backbone/residual_features.hpp>
#include <pursuit/core/threads.hpp>
#include <pursuit/distill/box_head_task.hpp>
#include <pursuit/optim/adam.hpp>

#include <benchmark/benchmark.h>

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include <sys/resource.h>

using namespace pursuit;
using distill::BoxHeadObjective;

namespace {

// A step of training as in bench/distill/public_step.py, which times the public code: mATOM, eight pairs of 288 pixels
// with 16 proposals each, forward and backward, Adam. Peak memory is that of the whole process so far.

BoxPair made_up(Random& random) {
  BoxPair pair{
      make_tensor<float, 3>({3, 288, 288}), make_tensor<float, 3>({3, 288, 288}), {110, 115, 60, 55}, {}, {}, {}};
  for (auto* patch : {&pair.reference, &pair.search})
    for (float& v : *patch) v = static_cast<float>(random.normal());
  pair.search_box = {110.5, 115.5, 60.5, 55.5};
  for (int i = 0; i < 16; ++i) {
    pair.proposals.push_back({110 + random.uniform(0, 10), 115 + random.uniform(0, 10), 60, 60});
    pair.overlaps.push_back(static_cast<float>(random.uniform()));
  }
  return pair;
}

void step(benchmark::State& state, const BoxHeadObjective& objective) {
  set_threads(static_cast<int>(state.range(0)));
  distill::BoxNetwork network(MobileNetV2Layers(), box_head_small);
  initialise(network, Random(1));
  distill::BoxNetwork large(ResidualFeaturesLayers(), box_head_resnet18);
  initialise(large, Random(2));
  distill::BoxHeadTask task(network, made_up, objective, std::make_shared<distill::BoxTeacher>(std::move(large)));
  Random random(3);
  std::vector<BoxPair> batch;
  for (int i = 0; i < 8; ++i) batch.push_back(made_up(random));
  optim::Adam<float> adam({.rate = 1e-3});
  const auto once = [&] {
    task.gradients().clear();
    benchmark::DoNotOptimize(task.learn(batch).total);
    for (std::size_t i = 0; i < task.gradients().size(); ++i)
      adam.step(i, task.gradients()[i].parameter, task.gradients()[i].gradient);
  };
  once();  // takes memory and plans transforms
  for (auto _ : state) once();
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  state.counters["peak_MiB"] = static_cast<double>(usage.ru_maxrss) / 1024;
}

void arguments(benchmark::internal::Benchmark* b) {
  b->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime()->MeasureProcessCPUTime()->MinTime(2);
}
BENCHMARK_CAPTURE(step, cfkd, distill::cfkd_objective)->Apply(arguments);
BENCHMARK_CAPTURE(step, soft, BoxHeadObjective{.truth = 0, .soft = 1})->Apply(arguments);
BENCHMARK_CAPTURE(step, truth, BoxHeadObjective{})->Apply(arguments);
BENCHMARK_CAPTURE(step, filter, BoxHeadObjective{.truth = 0, .filter = 1})->Apply(arguments);
BENCHMARK_CAPTURE(step, head_alone, BoxHeadObjective{.backbone = false})->Apply(arguments);

}  // namespace
