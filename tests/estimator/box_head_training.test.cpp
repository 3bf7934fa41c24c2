// SPDX-License-Identifier: MIT
#include <pursuit/check/gradient.hpp>
#include <pursuit/check/noise.hpp>
#include <pursuit/core/random.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/core/threads.hpp>
#include <pursuit/estimator/box_head.hpp>
#include <pursuit/estimator/box_head_training.hpp>
#include <pursuit/nn/training_plan.hpp>

#include <doctest/doctest.h>

#include <support/compiled_networks.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

using namespace pursuit;

namespace {

template <class T>
nn::TrainingPlan<T> plan_of(BoxHeadLayers<T>& head) {
  nn::TrainingBuilder<T> builder(6);
  const auto in = [&](std::size_t i) { return builder.input(i); };
  builder.output(box_head(builder, head, {in(0), in(1), in(2), in(3), in(4), in(5)}));
  return nn::TrainingPlan<T>(std::move(builder));
}

template <class T>
std::vector<T> noise(const Shape<4>& shape, std::uint64_t seed) {
  const auto values = check::noise(static_cast<std::size_t>(volume(shape)), seed);
  return {values.begin(), values.end()};
}

}  // namespace

TEST_CASE("box head in training: with gathered statistics it says what the head at work says") {
  constexpr BoxHeadShape shape{.fine = 8, .coarse = 16, .width = 16};
  BoxHeadLayers<float> layers(shape);
  nn::load(layers, Weights::random(7), "bb_regressor.");
  const Shape<4> fine{1, 8, 18, 20}, coarse{1, 16, 9, 10}, box{1, 1, 4, 1}, three{1, 3, 4, 1};
  const auto rf = noise<float>(fine, 1), rc = noise<float>(coarse, 2), sf = noise<float>(fine, 3),
             sc = noise<float>(coarse, 4);
  const std::vector<float> target{50, 40, 90, 85}, corners{40, 30, 95, 80, 60.5, 50, 100, 101, 20, 10, 140, 120};
  const auto plan = plan_of(layers);
  nn::TrainingCache<float> cache;
  plan.forward({{rf.data(), fine},
                {rc.data(), coarse},
                {target.data(), box},
                {sf.data(), fine},
                {sc.data(), coarse},
                {corners.data(), three}},
               cache, true);

  BoxHead head(layers);
  const auto maps = [&](const std::vector<float>& a, const std::vector<float>& b) {
    FeatureMaps<> levels;
    levels.add({{a.data(), fine}, 8});
    levels.add({{b.data(), coarse}, 16});
    return levels;
  };
  const std::vector<Crop> crops(1);
  const std::vector<Box> targets{{50, 40, 40, 45}};
  head.init({maps(rf, rc), crops, targets, 0}, 3);
  head.look(maps(sf, sc), 0);
  auto boxes = make_tensor<double, 2>({3, 4}), answers = make_tensor<double, 2>({3, 1});
  for (std::size_t r = 0; r < 3; ++r)
    for (std::size_t k = 0; k < 4; ++k) boxes(r, k) = corners[4 * r + k] - (k > 1 ? corners[4 * r + k - 2] : 0);
  head.forward(boxes, answers);
  for (std::size_t r = 0; r < 3; ++r)
    CHECK(static_cast<double>(cache.output().data[r]) == doctest::Approx(answers(r, 0)).epsilon(1e-4));
}

TEST_CASE("box head in training: gradients of features, boxes and parameters agree with central differences") {
  set_threads(1);  // far too little work for two
  BoxHeadLayers<double> layers({.fine = 2, .coarse = 3, .width = 4, .outputs = 2});
  Random random(5);
  nn::visit_parameters(layers, [&](const std::string&, auto& t) {
    for (double& v : t) v = random.uniform(-0.5, 0.7);
  });
  const auto plan = plan_of(layers);
  nn::TrainingCache<double> cache;
  nn::Gradients<double> gradients(layers);
  const std::array<Shape<4>, 6> shapes{
      {{2, 2, 6, 5}, {2, 3, 3, 4}, {2, 1, 4, 1}, {2, 2, 6, 5}, {2, 3, 3, 4}, {2, 2, 4, 1}}};
  std::array<std::vector<double>, 6> x;
  for (std::size_t i = 0; i < 6; ++i) x[i] = noise<double>(shapes[i], i);
  x[2] = {3.1, 5.2, 21.3, 30.1, 9.2, 2.3, 25.1, 31.2};
  x[5] = {1.3, 1.1, 19.3, 28.2, 3.1, 6.2, 30.3, 38.9, 2.2, 3.3, 34.4, 25.5, 6.6, 7.7, 28.8, 29.9};
  const auto upstream = check::noise(8, 9);
  std::vector<double> parameters;
  for (std::size_t i = 0; i < gradients.size(); ++i)
    parameters.insert(parameters.end(), gradients[i].parameter.begin(), gradients[i].parameter.end());

  using In = std::span<const double>;
  using Out = std::span<double>;
  // The reference features, a proposal's corners, and all parameters.
  const auto value = [&](In features, In proposals, In p) {
    for (std::size_t i = 0, at = 0; i < gradients.size(); at += gradients[i++].parameter.size())
      std::copy_n(p.begin() + static_cast<Index>(at), gradients[i].parameter.size(), gradients[i].parameter.begin());
    plan.forward({{features.data(), shapes[0]},
                  {x[1].data(), shapes[1]},
                  {x[2].data(), shapes[2]},
                  {x[3].data(), shapes[3]},
                  {x[4].data(), shapes[4]},
                  {proposals.data(), shapes[5]}},
                 cache);
    double sum = 0;
    for (std::size_t i = 0; i < 8; ++i) sum += upstream[i] * cache.output().data[i];
    return sum;
  };
  const auto backward = [&](double slip) {
    return [&, slip](In features, In proposals, In p, Out df, Out db, Out dp) {
      value(features, proposals, p);
      gradients.clear();
      std::array<TensorView<double, 4>, 6> dx{};
      dx[0] = {df.data(), shapes[0]};
      dx[5] = {db.data(), shapes[5]};
      const TensorView<const double, 4> dy(upstream.data(), cache.output().shape);
      plan.backward(std::span(&dy, 1), cache, gradients, dx);
      std::copy(gradients.values().begin(), gradients.values().end(), dp.begin());
      for (double& d : dp) d *= slip;
    };
  };
  const auto check = [&](double slip) {
    return check::gradient(value, backward(slip), {.entries = 40}, check::Input{"features", x[0]},
                           check::Input{"proposals", x[5]}, check::Input{"parameters", parameters});
  };
  const auto right = check(1);
  INFO(right);
  CHECK(right.worst < 1e-7);
  CHECK(check(1.1).worst > 5e-2);
}
