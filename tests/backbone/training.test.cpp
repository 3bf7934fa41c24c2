// SPDX-License-Identifier: MIT
#include "golden_input.hpp"

#include <pursuit/backbone/mobilenet_v2.hpp>
#include <pursuit/backbone/resnet.hpp>
#include <pursuit/core/random.hpp>
#include <pursuit/core/threads.hpp>
#include <pursuit/nn/training_plan.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

using namespace pursuit;

namespace {

/// How far numbers are from the golden file's, as a share of the largest one there or of `least`. The file has every
/// k-th number, so that there are at most sixteen.
double distance(const Weights& expected, const std::string& name, const float* values, std::size_t count,
                double least = 0) {
  const std::size_t step = (count + 15) / 16, kept = (count + step - 1) / step;
  const auto right = expected.get<1>(name, {static_cast<Index>(kept)});
  double difference = 0, largest = least;
  for (std::size_t i = 0; i < kept; ++i) {
    difference = std::max(difference, static_cast<double>(std::abs(values[i * step] - right(i))));
    largest = std::max(largest, static_cast<double>(std::abs(right(i))));
  }
  return difference / largest;
}

template <class Layers>
void agrees(const std::string& key, Layers layers) {
  CAPTURE(key);
  const Weights expected = golden("training.safetensors");
  nn::load(layers, Weights::random(7));
  nn::TrainingBuilder<float> builder;
  for (const auto level : layers.levels(builder, builder.input())) builder.output(level);
  const nn::TrainingPlan<float> plan(std::move(builder));
  nn::TrainingCache<float> cache;
  nn::Gradients<float> gradients(layers);

  auto x = golden_pixels(31, {2, 3, 65, 81});
  for (float& v : x) v = v / 64 - 2;
  plan.forward(x, cache);
  plan.gather_statistics(cache);
  const std::size_t last = plan.outputs() - 1;
  // ResNet has stages 1 to 3 as outputs, of which the first is not used here; MobileNetV2 has two.
  std::vector<std::vector<float>> upstream(last + 1);
  std::vector<TensorView<const float, 4>> dy;
  for (std::size_t i = 0; i <= last; ++i) {
    const auto y = cache.output(i);
    upstream[i].assign(static_cast<std::size_t>(y.size()), 0.0F);
    dy.emplace_back(upstream[i].data(), y.shape);
    if (i + 1 < last) continue;
    const std::size_t level = i + 1 - last;  // 0 or 1
    CHECK(distance(expected, concat(key, ".layer", level + 2), y.data, upstream[i].size()) < 1e-5);
    Random random(32 + level);
    for (float& v : upstream[i]) v = static_cast<float>(random.uniform(-1, 1));
  }
  auto dx = make_tensor<float, 4>({2, 3, 65, 81});
  plan.backward(dy, cache, gradients, dx);
  // Rounding goes through up to forty layers and as many batch norms. Some gradients are nearly zero because batch norm
  // undoes what their parameter does; what is left of large numbers there is measured against the usual size, about 1.
  constexpr double tolerance = 5e-4, usual = 1;
  CHECK(distance(expected, key + ".dx", dx.data(), dx.size()) < tolerance);
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    const auto entry = gradients[i];
    CAPTURE(entry.name);
    CHECK(distance(expected, key + ".d." + entry.name, entry.gradient.data(), entry.gradient.size(), usual) <
          tolerance);
  }
  nn::visit_buffers(layers, [&](const std::string& name, auto& t) {
    if (name.ends_with("running_var")) CHECK(distance(expected, key + "." + name, t.data(), t.size()) < 1e-5);
  });
}

}  // namespace

TEST_CASE("training: ResNet-18 and MobileNetV2 have the gradients of automatic differentiation") {
  set_threads(1);  // too little work for two
  ResNetShape thin = resnet18;
  thin.blocks[3] = 0;
  thin.stem = 8;
  for (std::size_t i = 0; i < 4; ++i) thin.width[i] = 8 << i;
  agrees("resnet18", ResNetLayers(thin));
  agrees("mobilenet_v2", MobileNetV2Layers({.thinner = 4}));
}
