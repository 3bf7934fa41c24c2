// SPDX-License-Identifier: MIT
#include "support/loss_slope.hpp"

#include <pursuit/core/threads.hpp>
#include <pursuit/nn/batch_norm2d.hpp>
#include <pursuit/nn/conv2d.hpp>
#include <pursuit/nn/initialise.hpp>
#include <pursuit/nn/relu.hpp>
#include <pursuit/nn/sequential.hpp>
#include <pursuit/train/siamese_task.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

using namespace pursuit;

namespace {

using Network = nn::Sequential<nn::Conv2d<float>, nn::BatchNorm2d<float>, nn::ReLU, nn::Conv2d<float>>;

Network network() {
  Network layers(nn::Conv2d<float>(3, 6, 3, {.stride = 2}), nn::BatchNorm2d<float>(6), nn::ReLU{},
                 nn::Conv2d<float>(6, 5, 3));
  nn::initialise(layers, Random(3));
  return layers;
}

Tensor<float, 3> noise_patch(Index side, Random& random) {
  auto patch = make_tensor<float, 3>({3, side, side});
  for (float& v : patch) v = static_cast<float>(random.normal());
  return patch;
}

// An exemplar of 4 x 4 cells stands in the middle of 10 x 10 to search: a response of 7 x 7.
std::vector<SiamesePair> pairs(int count) {
  constexpr Index small = 13, large = 25, margin = (large - small) / 2;
  Random random(5);
  std::vector<SiamesePair> all;
  for (int n = 0; n < count; ++n) {
    SiamesePair& pair = all.emplace_back(SiamesePair{noise_patch(small, random), noise_patch(large, random)});
    for (Index c = 0; c < 3; ++c)
      for (Index i = 0; i < small; ++i)
        for (Index j = 0; j < small; ++j) pair.search(c, i + margin, j + margin) = pair.exemplar(c, i, j);
  }
  return all;
}
SiamesePair nothing(Random&) { return {}; }

using Task = SiameseTask<Network>;
static_assert(LearningTask<Task>);

}  // namespace

TEST_CASE("siamese task: the gradient is the slope of the loss, through both patches") {
  set_threads(1);
  Network layers = network();
  Task task(layers, nothing, {.scale = 0.05}), other(layers, nothing, {.scale = 0.055});
  const auto batch = pairs(4);
  for (const char* of : {"backbone.0.", "backbone.1.", "backbone.3."})
    CHECK(test::loss_slope(task, batch, of) == doctest::Approx(1).epsilon(0.01));
  CHECK(std::abs(test::loss_slope(task, other, batch, "backbone.0.") - 1) > 0.03);
}

TEST_CASE("siamese task: batch norm's statistics move by a twentieth, once for each patch") {
  set_threads(1);
  Network layers = network(), fast = network();
  Task(layers, nothing).learn(pairs(2));
  Task(fast, nothing, {.momentum = 1}).learn(pairs(2));  // the search patches' own
  const float search = fast.layer<1>().running_var(0), now = layers.layer<1>().running_var(0);
  // 1 (1 - m)^2 + m (1 - m) exemplar + m search, of which the exemplar's is near the search patches'.
  CHECK(now == doctest::Approx(0.9025 + 0.0975 * search).epsilon(0.02));
  CHECK(std::abs(search - 1) > 0.3);  // far enough from where it began
}

TEST_CASE("siamese task: the loss is that of a label in the middle of the response") {
  set_threads(1);
  Network layers = network();
  Task task(layers, nothing, {.scale = 0, .radius = 1, .prefix = ""});
  // A response of 0 everywhere: log 2, whatever the label.
  CHECK(task.measure(pairs(2)).total == doctest::Approx(std::log(2.0)));
  // The last bias alone makes all features, and so all responses, equal: r = scale * 16 cells * 5 * bias^2.
  for (auto& v : layers.layer<3>().weight) v = 0;
  for (auto& v : layers.layer<3>().bias) v = 1;
  Task flat(layers, nothing, {.scale = 0.01, .radius = 1});
  const double r = 0.01 * 16 * 5, softplus = std::log1p(std::exp(r));
  CHECK(flat.measure(pairs(2)).total == doctest::Approx((softplus + softplus - r) / 2));
}

TEST_CASE("siamese task: it learns which patches belong together") {
  set_threads(1);
  Network layers = network();
  Task task(layers, nothing, {.scale = 0.01, .radius = 0});
  const auto batch = pairs(4);
  const double first = task.learn(batch).total;
  double last = 0;
  for (int step = 0; step < 150; ++step) {
    task.gradients().clear();
    last = task.learn(batch).total;
    for (std::size_t i = 0; i < task.gradients().size(); ++i) {
      const auto entry = task.gradients()[i];
      for (std::size_t k = 0; k < entry.parameter.size(); ++k) entry.parameter[k] -= 0.1F * entry.gradient[k];
    }
  }
  CHECK(last < 0.65 * first);
  std::vector<std::string> names;
  task.tensors([&](const std::string& name, auto&) { names.push_back(name); });
  CHECK(names.front() == "backbone.0.weight");
  CHECK(names.size() == 8);
  CHECK_THROWS_AS(task.measure({}), ShapeError);
}
