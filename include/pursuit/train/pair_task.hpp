// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/aligned.hpp>
#include <pursuit/core/random.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/nn/gradients.hpp>
#include <pursuit/nn/training_plan.hpp>
#include <pursuit/train/patch_batch.hpp>

#include <array>
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <utility>

namespace pursuit::inline v0 {

/// What tasks have in common that train one network on pairs of patches: who draws the pairs, and both patches' passes
/// through the network, each with batch statistics of its own.
template <class Pair>
class PairTask {
 public:
  using Example = Pair;
  using Draw = std::function<Pair(Random&)>;

  Pair draw(Random& random) const { return draw_(random); }
  Pair draw_validation(Random& random) const { return draw_validation_ ? draw_validation_(random) : draw_(random); }
  nn::Gradients<float>& gradients() { return gradients_; }

 protected:
  using Patch = Tensor<float, 3> Pair::*;

  /// The network must stay where it is while the task is used. `prefix` stands before its parameters' names; an empty
  /// `draw_validation` is `draw`.
  template <class Network>
  PairTask(Network& network, const std::string& prefix, Draw draw, Draw draw_validation)
      : draw_(std::move(draw)), draw_validation_(std::move(draw_validation)), plan_(network) {
    gradients_.add(network, prefix);
  }

  /// While it is learning, batch norm uses the batch's statistics, else those gathered so far. Throws ShapeError where
  /// there are no pairs, or patches of several shapes.
  void forward_features(std::span<const Pair> pairs, Patch first, Patch second, bool learning) {
    images_[0].fill(pairs, first);
    images_[1].fill(pairs, second);
    for (std::size_t i = 0; i < 2; ++i) plan_.forward(images_[i].view(), caches_[i], !learning);
  }
  /// (N,C,H,W) of the first patches (0) or the second ones (1).
  TensorView<const float, 4> features(std::size_t patch) const { return caches_[patch].output(); }
  /// Where their gradient is to be written, and what was written there.
  TensorView<float, 4> d_features(std::size_t patch) {
    const auto y = features(patch);
    d_[patch].resize(static_cast<std::size_t>(y.size()));
    return {d_[patch].data(), y.shape};
  }
  /// Takes d_features() of both back through the network. `momentum`: the batch's share in batch norm's statistics.
  void backward_features(double momentum = 0.1) {
    for (std::size_t i = 0; i < 2; ++i) {
      plan_.backward({d_features(i)}, caches_[i], gradients_);
      plan_.gather_statistics(caches_[i], momentum);
    }
  }

 private:
  Draw draw_, draw_validation_;
  nn::TrainingPlan<float> plan_;
  nn::Gradients<float> gradients_;
  std::array<PatchBatch, 2> images_;
  std::array<nn::TrainingCache<float>, 2> caches_;
  std::array<AlignedVector<float>, 2> d_;
};

}  // namespace pursuit::inline v0
