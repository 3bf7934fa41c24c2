// SPDX-License-Identifier: MIT
// Lesson 6: write a loss and train a network by it. A small Siamese network learns to find a patch again whose contrast
// may have been turned around, which a plain correlation cannot do. The loss is our own; its gradient is written by
// hand and checked before it is trusted.
#include <pursuit/check/gradient.hpp>
#include <pursuit/check/noise.hpp>
#include <pursuit/concepts/loss.hpp>
#include <pursuit/core/random.hpp>
#include <pursuit/nn/batch_norm2d.hpp>
#include <pursuit/nn/conv2d.hpp>
#include <pursuit/nn/initialise.hpp>
#include <pursuit/nn/relu.hpp>
#include <pursuit/nn/sequential.hpp>
#include <pursuit/nn/training_plan.hpp>
#include <pursuit/optim/adam.hpp>

#include <algorithm>
#include <iostream>
#include <span>
#include <vector>

/// The right cell (label 1) should be at least 1, every other (label 0) at most 0; what is, costs nothing. The right
/// cell weighs as much as all the others.
template <class T>
struct Hinge {
  using scalar = T;
  T others = 1;  ///< cells with label 0 for each with label 1

  T value(std::span<const T> score, std::span<const T> label) const {
    T sum = 0;
    for (std::size_t k = 0; k < score.size(); ++k)
      sum += label[k] > 0 ? others * std::max(T(0), 1 - score[k]) : std::max(T(0), score[k]);
    return sum / static_cast<T>(score.size());
  }
  void gradient(std::span<const T> score, std::span<const T> label, std::span<T> d) const {
    const T share = 1 / static_cast<T>(score.size());
    for (std::size_t k = 0; k < score.size(); ++k) {
      if (label[k] > 0)
        d[k] = score[k] < 1 ? -others * share : T(0);
      else
        d[k] = score[k] > 0 ? share : T(0);
    }
  }
};
static_assert(pursuit::Loss<Hinge<float>>);  // has all that a loss needs: see concepts/loss.hpp

using pursuit::Index;
constexpr Index pairs = 16, exemplar = 10, search = 26, answers = 17;

/// Pairs of a noisy picture and a patch of it, in the right or the wrong contrast.
struct Batch {
  explicit Batch(pursuit::Random& random)
      : z(pairs * exemplar * exemplar), x(pairs * search * search), label(pairs * answers * answers) {
    for (float& v : x) v = static_cast<float>(random.normal());
    for (Index n = 0; n < pairs; ++n) {
      const auto i = static_cast<Index>(random.below(answers)), j = static_cast<Index>(random.below(answers));
      const float contrast = random.uniform() < 0.5 ? -1.0F : 1.0F;
      for (Index u = 0; u < exemplar; ++u)
        for (Index v = 0; v < exemplar; ++v)
          z[static_cast<std::size_t>((n * exemplar + u) * exemplar + v)] =
              contrast * x[static_cast<std::size_t>((n * search + i + u) * search + j + v)];
      label[static_cast<std::size_t>((n * answers + i) * answers + j)] = 1;
    }
  }
  std::vector<float> z, x, label;
};

int main() {
  // The check is in double, so the loss is a template.
  const auto scores = pursuit::check::noise(20, 3, -2, 2);
  std::vector<double> labels(20, 0.0);
  labels[7] = 1;
  const Hinge<double> checked{.others = 19};
  const auto report = pursuit::check::gradient([&](auto s) { return checked.value(s, labels); },
                                               [&](auto s, auto d) { checked.gradient(s, labels, d); }, scores);
  std::cout << report << '\n';

  // The network is written once and meets two inputs; its parameters are shared.
  namespace nn = pursuit::nn;
  nn::Sequential network(nn::Conv2d<>(1, 8, 3), nn::BatchNorm2d<>(8), nn::ReLU{}, nn::Conv2d<>(8, 8, 3));
  pursuit::Random random(1);
  nn::initialise(network, random);
  nn::TrainingBuilder<float> builder(2);
  const auto of_exemplar = network.compile(builder, builder.input(0));
  const auto of_search = network.compile(builder, builder.input(1));
  builder.output(builder.cross_correlation(of_exemplar, of_search, 0.01));
  const nn::TrainingPlan<float> plan(std::move(builder));

  nn::TrainingCache<float> cache;
  nn::Gradients<float> gradients(network);
  pursuit::optim::Adam<float> adam({.rate = 1e-2});
  const Hinge<float> loss{.others = static_cast<float>(answers * answers - 1)};

  const auto found = [&] {  // the share of pairs whose highest answer is the right one
    Index right = 0;
    const Batch batch(random);
    plan.forward({{batch.z.data(), {pairs, 1, exemplar, exemplar}}, {batch.x.data(), {pairs, 1, search, search}}},
                 cache);
    for (Index n = 0; n < pairs; ++n) {
      const float* y = cache.output()[n].data;
      const Index best = std::max_element(y, y + answers * answers) - y;
      right += batch.label[static_cast<std::size_t>(n * answers * answers + best)] > 0;
    }
    return static_cast<double>(right) / pairs;
  };

  const double before = found();
  std::vector<float> d(pairs * answers * answers);
  for (int step = 0; step < 150; ++step) {
    const Batch batch(random);
    plan.forward({{batch.z.data(), {pairs, 1, exemplar, exemplar}}, {batch.x.data(), {pairs, 1, search, search}}},
                 cache);
    const auto y = cache.output();
    const std::span<const float> answer(y.begin(), y.end());
    loss.gradient(answer, batch.label, d);
    gradients.clear();
    plan.backward({{d.data(), y.shape}}, cache, gradients);
    for (std::size_t i = 0; i < gradients.size(); ++i) adam.step(i, gradients[i].parameter, gradients[i].gradient);
    if (step % 30 == 0) std::cout << "step " << step << ": loss " << loss.value(answer, batch.label) << '\n';
  }
  const double after = found();
  std::cout << "found before " << before << ", after " << after << '\n';
  return report.worst < 1e-7 && after > 0.8 && after > before ? 0 : 1;
}
