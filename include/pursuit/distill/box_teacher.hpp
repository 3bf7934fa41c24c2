// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/distill/box_batch.hpp>
#include <pursuit/distill/box_network.hpp>
#include <pursuit/nn/plan.hpp>
#include <pursuit/nn/training_plan.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>

namespace pursuit::inline v0::distill {

/// A trained tracker of ATOM's family, from which another one learns. It is frozen and at inference: batch norm has
/// the statistics that its training gathered. (The published code lets it use those of the batch.)
class BoxTeacher {
 public:
  using View = TensorView<const float, 4>;

  template <class Backbone>
  explicit BoxTeacher(BoxNetwork<Backbone> network)
      : backbone_{nn::Plan<>::of(network.backbone, 3)},
        layers_(std::make_unique<BoxHeadLayers<float>>(std::move(network.head))),
        head_(head_plan(*layers_)) {
    backbone_.push_back(backbone_[0]);  // shares the weights; a plan remembers one batch
  }

  int outputs() const { return layers_->shape.outputs; }

  /// Computes the levels of both patches.
  void look(const BoxBatch& batch) {
    for (const auto patch : {BoxBatch::reference, BoxBatch::search}) backbone_[patch].run(batch.images(patch));
  }
  /// What it says about all proposals. Pre: look() at the same batch.
  std::span<const float> answer(const BoxBatch& batch) {
    head_.forward({level(BoxBatch::reference, 0), level(BoxBatch::reference, 1), batch.reference_boxes(),
                   level(BoxBatch::search, 0), level(BoxBatch::search, 1), batch.proposals()},
                  cache_, true);
    const View y = cache_.output();
    return {y.data, static_cast<std::size_t>(y.size())};
  }

  /// Level 0 (stride 8) or 1 (stride 16) of what look() saw.
  View level(BoxBatch::Patch patch, std::size_t i) const { return backbone_[patch].output(i); }

 private:
  std::vector<nn::Plan<>> backbone_;  // of each patch
  std::unique_ptr<BoxHeadLayers<float>> layers_;
  nn::TrainingPlan<float> head_;
  nn::TrainingCache<float> cache_;
};

}  // namespace pursuit::inline v0::distill
