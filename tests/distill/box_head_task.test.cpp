// SPDX-License-Identifier: MIT
#include "support/loss_slope.hpp"

#include <pursuit/backbone/mobilenet_v2.hpp>
#include <pursuit/backbone/residual_features.hpp>
#include <pursuit/core/threads.hpp>
#include <pursuit/distill/box_head_task.hpp>
#include <pursuit/optim/adam.hpp>

#include <doctest/doctest.h>

#include <support/compiled_networks.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace pursuit;
using distill::BoxHeadObjective;

namespace {

constexpr Index side = 64;

Tensor<float, 3> noise_patch(Random& random) {
  auto patch = make_tensor<float, 3>({3, side, side});
  for (float& v : patch) v = static_cast<float>(random.normal());
  return patch;
}

BoxPair made_up(Random& random) {
  BoxPair pair{noise_patch(random), noise_patch(random), {20, 22, 21, 17}, {17.5, 30, 19, 16}, {}, {}};
  for (int i = 0; i < 3; ++i) {
    const Box proposal{17.5 + random.uniform(-5, 5), 30 + random.uniform(-5, 5), random.uniform(14, 25), 17};
    pair.proposals.push_back(proposal);
    pair.overlaps.push_back(static_cast<float>(2 * iou(proposal, pair.search_box) - 1));
  }
  return pair;
}

std::vector<BoxPair> pairs(std::uint64_t seed, int count) {
  Random random(seed);
  std::vector<BoxPair> all;
  for (int i = 0; i < count; ++i) all.push_back(made_up(random));
  return all;
}

using Student = distill::BoxNetwork<MobileNetV2Layers>;
using Task = distill::BoxHeadTask<MobileNetV2Layers>;

Student student(int outputs = 1) {
  Student network(MobileNetV2Layers({.thinner = 4}), {.fine = 8, .coarse = 16, .width = 8, .outputs = outputs});
  initialise(network, Random(3));
  return network;
}
std::shared_ptr<distill::BoxTeacher> teacher(int outputs = 1) {
  constexpr ResNetShape shape{.blocks = {1, 1, 1, 1}, .width = {4, 6, 8, 8}, .stem = 4, .expansion = 1};
  distill::BoxNetwork network(ResidualFeaturesLayers(shape),
                              BoxHeadShape{.fine = 6, .coarse = 8, .width = 8, .outputs = outputs});
  initialise(network, Random(4));
  return std::make_shared<distill::BoxTeacher>(std::move(network));
}

/// 1 where the gradient is that of the loss; `taken` is what the gradient is that of.
double slope(const BoxHeadObjective& objective, const BoxHeadObjective& taken, const std::string& of, int outputs = 1) {
  set_threads(1);  // far too little work for two
  Student network = student(outputs);
  Task task(network, made_up, objective, teacher(outputs)), other(network, made_up, taken, teacher(outputs));
  return test::loss_slope(task, other, pairs(5, 8), of);
}
double slope(const BoxHeadObjective& objective, const std::string& of, int outputs = 1) {
  return slope(objective, objective, of, outputs);
}

std::vector<std::vector<float>> tensors(Task& task) {
  std::vector<std::vector<float>> all;
  task.tensors([&](const std::string&, auto& t) { all.emplace_back(t.begin(), t.end()); });
  return all;
}

}  // namespace

static_assert(LearningTask<Task>);

TEST_CASE("box head task: the gradient of each loss is the slope of the loss") {
  // What differences can say in float: see loss_slope.
  const auto right = doctest::Approx(1).epsilon(0.02);
  using Objective = BoxHeadObjective;
  for (const Objective& o : {Objective{}, Objective{.truth = 0, .soft = 1}, Objective{.truth = 0, .hard = 1},
                             Objective{.truth = 0, .fidelity = 1}, Objective{.truth = 0, .filter = 1},
                             Objective{.truth = 0, .response = 1}}) {
    CAPTURE(o.soft);
    CAPTURE(o.hard);
    CAPTURE(o.fidelity);
    CAPTURE(o.filter);
    CAPTURE(o.response);
    CHECK(slope(o, "layer3.") == right);
  }
  CHECK(slope({.truth_loss = Objective::TruthLoss::smooth_l1}, "layer3.", 4) == right);
  CHECK(slope({}, "bb_regressor.conv3_1r") == right);
  CHECK(slope({}, "bb_regressor.fc4_rt") == right);
  // All at once, from the parameters that everything went through.
  const Objective all{.truth = 1, .soft = 0.5, .hard = 0.5, .fidelity = 0.1, .filter = 1, .response = 2};
  for (const char* of : {"extractor.conv1.", "layer2.1."}) CHECK(slope(all, of) == right);
  Objective slip = all;
  slip.fidelity *= 0.9;
  CHECK(std::abs(slope(all, slip, "layer2.1.") - 1) > 0.05);
  slip = {.truth = 0, .response = 0.9};
  CHECK(std::abs(slope({.truth = 0, .response = 1}, slip, "layer3.") - 1) > 0.05);
}

TEST_CASE("box head task: the response is that of the coarse blocks, to a label of a quarter of the target") {
  set_threads(1);
  Student network = student();
  const auto batch = pairs(6, 3);
  distill::BoxBatch patches;
  patches.fill(batch);
  const nn::TrainingPlan<float> plan = distill::blocks_plan(network.backbone);
  nn::TrainingCache<float> first, second;
  plan.forward(patches.images(distill::BoxBatch::reference), first, true);
  plan.forward(patches.images(distill::BoxBatch::search), second, true);
  std::vector<Box> boxes;
  for (const BoxPair& pair : batch) boxes.push_back(pair.reference_box);
  std::vector<float> of_first(3 * 16), of_second(of_first);
  const Shape<3> maps{3, 4, 4};
  const double sigma = std::sqrt(21.0 * 17) / 4 / side;
  loss::response_label(boxes, 16, sigma, TensorView<float, 3>(of_first.data(), maps));
  loss::response_label(patches.search_boxes(), 16, sigma, TensorView<float, 3>(of_second.data(), maps));
  loss::FilterResponse<float>::Cache cache;
  const float expected = loss::FilterResponse<float>().value(first.output(3), second.output(3), {of_first.data(), maps},
                                                             {of_second.data(), maps}, cache);
  Task task(network, made_up, {.truth = 0, .response = 1});
  CHECK(task.measure(batch).total == doctest::Approx(static_cast<double>(expected)).epsilon(1e-5));
}

TEST_CASE("box head task: what is frozen stays, and measuring changes nothing") {
  set_threads(1);
  Student network = student();
  Task task(network, made_up, {.backbone = false});
  for (std::size_t i = 0; i < task.gradients().size(); ++i)
    CHECK(task.gradients()[i].name.starts_with("bb_regressor."));
  const auto begin = tensors(task);
  const auto measured = task.measure(pairs(5, 2));
  CHECK(tensors(task) == begin);
  CHECK(std::ranges::count(task.gradients().values(), 0.0F) == std::ssize(task.gradients().values()));
  CHECK(measured == task.measure(pairs(5, 2)));
  task.learn(pairs(5, 2));
  const auto names = nn::tensor_specs(network);
  const auto after = tensors(task);
  std::size_t moved = 0;
  for (std::size_t i = 0; i < begin.size(); ++i)
    if (after[i] != begin[i]) {
      CHECK(names[i].name.starts_with("bb_regressor."));  // the head's statistics
      ++moved;
    }
  CHECK(moved == 2 * 11);
}

TEST_CASE("box head task: values are those of the losses, by name, and weights of 0 leave a loss out") {
  set_threads(1);
  Student network = student();
  Task all(network, made_up, {.truth = 2, .soft = 3, .hard = 4, .fidelity = 0.5, .filter = 5, .response = 6},
           teacher());
  const LossValues v = all.measure(pairs(6, 2));
  REQUIRE(v.parts.size() == 6);
  double sum = 0;
  const double weights[] = {2, 3, 4, 0.5, 5, 6};
  for (std::size_t i = 0; i < 6; ++i) sum += weights[i] * v.parts[i].second;
  CHECK(v.total == doctest::Approx(sum).epsilon(1e-5));
  Task one(network, made_up, {.truth = 0, .filter = 1});
  const LossValues w = one.measure(pairs(6, 2));
  REQUIRE(w.parts.size() == 1);
  CHECK(w.parts[0] == v.parts[4]);
}

TEST_CASE("box head task: a teacher with the student's own weights says and sees the same") {
  set_threads(1);
  Student network = student();
  Task task(network, made_up, {.truth = 1, .filter = 1});
  for (int i = 0; i < 3; ++i) task.learn(pairs(static_cast<std::uint64_t>(i), 4));  // gathers statistics
  const auto twin = std::make_shared<distill::BoxTeacher>(network);
  const auto values = [&](const std::shared_ptr<distill::BoxTeacher>& of) {
    return Task(network, made_up, {.truth = 0, .soft = 1, .fidelity = 1}, of).measure(pairs(9, 2));
  };
  const auto same = values(twin), other = values(teacher());
  // The teacher is compiled, with batch norm folded: rounding, squared.
  for (const std::size_t part : {0U, 1U}) CHECK(same.parts[part].second < 1e-8 * other.parts[part].second);
}

TEST_CASE("box head task: it learns one batch by heart") {
  set_threads(1);
  Student network = student();
  Task task(network, made_up, {.truth = 1, .filter = 0.1});
  optim::Adam<float> adam({.rate = 3e-3});
  const auto batch = pairs(7, 4);
  const double first = task.learn(batch).total;
  double last = 0;
  for (int step = 0; step < 40; ++step) {
    task.gradients().clear();
    last = task.learn(batch).total;
    for (std::size_t i = 0; i < task.gradients().size(); ++i)
      adam.step(i, task.gradients()[i].parameter, task.gradients()[i].gradient);
  }
  CHECK(last < first / 4);
}

TEST_CASE("box head task: an objective that cannot be is an error") {
  Student network = student(), four = student(4);
  CHECK_THROWS_WITH_AS(Task(network, made_up, {.soft = 1}),
                       "distill::BoxHeadTask: the losses soft, hard and fidelity need a teacher", Error);
  CHECK_THROWS_AS(Task(four, made_up, {.soft = 1}, teacher(1)), Error);
  CHECK_NOTHROW(Task(four, made_up, {.truth = 0, .fidelity = 1}, teacher(1)));
  CHECK_THROWS_AS(Task(network, made_up, {.truth = 0}), Error);
  CHECK_THROWS_AS(Task(network, made_up, {.truth = -1}), Error);
  CHECK_THROWS_AS(Task(network, made_up, {.backbone = false, .head = false}), Error);
  CHECK_THROWS_AS(Task(network, made_up, {.filter = 1, .backbone = false}), Error);
  CHECK_THROWS_AS(Task(network, made_up, {.response = 1, .backbone = false}), Error);
  Task task(network, made_up);
  auto uneven = pairs(5, 2);
  uneven[1].proposals.pop_back();
  CHECK_THROWS_AS(task.measure(uneven), ShapeError);
  CHECK_THROWS_AS(task.measure({}), ShapeError);
  CHECK_THROWS_AS(task.learn(pairs(5, 1)), ShapeError);
  CHECK_NOTHROW(task.measure(pairs(5, 1)));
}
