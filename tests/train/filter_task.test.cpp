// SPDX-License-Identifier: MIT
#include "support/loss_slope.hpp"

#include <pursuit/core/threads.hpp>
#include <pursuit/nn/conv2d.hpp>
#include <pursuit/nn/initialise.hpp>
#include <pursuit/nn/local_response_norm.hpp>
#include <pursuit/nn/relu.hpp>
#include <pursuit/nn/sequential.hpp>
#include <pursuit/train/filter_task.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

using namespace pursuit;

namespace {

// DCFNet's network, thin.
using Network = nn::Sequential<nn::Conv2d<float>, nn::ReLU, nn::Conv2d<float>, nn::LocalResponseNorm>;

Network network() {
  Network layers(nn::Conv2d<float>(3, 4, 3, {.padding = 1}), nn::ReLU{}, nn::Conv2d<float>(4, 5, 3, {.padding = 1}),
                 nn::LocalResponseNorm{});
  nn::initialise(layers, Random(3));
  return layers;
}

constexpr Index side = 15;

// The search patch is the target's, moved by whole pixels and wrapped, so that a filter can be right.
FilterPair moved(Index dx, Index dy, Random& random) {
  FilterPair pair{make_tensor<float, 3>({3, side, side}),
                  make_tensor<float, 3>({3, side, side}),
                  {static_cast<double>(dx), static_cast<double>(dy)}};
  for (float& v : pair.target) v = static_cast<float>(random.normal());
  for (Index c = 0; c < 3; ++c)
    for (Index i = 0; i < side; ++i)
      for (Index j = 0; j < side; ++j)
        pair.search(c, (i + dy + side) % side, (j + dx + side) % side) = pair.target(c, i, j);
  return pair;
}
std::vector<FilterPair> pairs() {
  Random random(5);
  return {moved(2, -1, random), moved(-3, 2, random), moved(0, 0, random)};
}
FilterPair nothing(Random&) { return {}; }

using Task = FilterTask<Network>;
static_assert(LearningTask<Task>);

}  // namespace

TEST_CASE("filter task: the gradient is the slope of the loss, through both patches and the filter") {
  set_threads(1);
  Network layers = network();
  const auto batch = pairs();
  for (const bool window : {false, true}) {
    Task task(layers, nothing, {.regularization = 0.5, .window = window}),
        other(layers, nothing, {.regularization = 50});
    for (const char* of : {"feature.0.", "feature.2."})
      CHECK(test::loss_slope(task, batch, of) == doctest::Approx(1).epsilon(0.01));
    CHECK(std::abs(test::loss_slope(task, other, batch, "feature.0.") - 1) > 0.03);
  }
}

TEST_CASE("filter task: what moved by whole pixels is found there, so the loss is nearly 0") {
  set_threads(1);
  // Without window and padding everything wraps around, and a filter without regularisation is exact.
  nn::Sequential alone(nn::Conv2d<float>(3, 3, 1));
  nn::initialise(alone, Random(1));
  FilterTask task(alone, nothing, {.regularization = 1e-6, .window = false});
  const auto batch = pairs();
  CHECK(task.measure(batch).total < 1e-3);
  auto wrong = batch;
  wrong[0].displacement.x += 1;
  CHECK(task.measure(wrong).total > 0.01);
}

TEST_CASE("filter task: descent makes the loss smaller") {
  set_threads(1);
  Network layers = network();
  Task task(layers, nothing);
  const auto batch = pairs();
  const double first = task.learn(batch).total;
  double last = 0;
  for (int step = 0; step < 40; ++step) {
    task.gradients().clear();
    last = task.learn(batch).total;
    for (std::size_t i = 0; i < task.gradients().size(); ++i) {
      const auto entry = task.gradients()[i];
      for (std::size_t k = 0; k < entry.parameter.size(); ++k) entry.parameter[k] -= 0.1F * entry.gradient[k];
    }
  }
  CHECK(last < 0.9 * first);
  CHECK(task.measure(batch).parts[0].first == "response");
}
