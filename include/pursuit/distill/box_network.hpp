// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/random.hpp>
#include <pursuit/estimator/box_head_layers.hpp>
#include <pursuit/estimator/box_head_training.hpp>
#include <pursuit/nn/initialise.hpp>
#include <pursuit/nn/training_plan.hpp>

#include <string>
#include <utility>

namespace pursuit::inline v0::distill {

/// What is trained of a tracker of ATOM's family: a backbone, and the box head on its levels of strides 8 and 16. (The
/// filter learns while tracking.)
///
/// Backbone  layers with blocks(builder, value), which gives what four blocks of strides 2, 4, 8 and 16 pixels do, and
///           levels(builder, value), the last two of them: MobileNetV2Layers, ResidualFeaturesLayers.
template <class Backbone>
struct BoxNetwork {
  BoxNetwork(Backbone features, const BoxHeadShape& shape) : backbone(std::move(features)), head(shape) {}

  static constexpr const char* backbone_prefix = "feature_extractor.";  ///< of the tensors' published names
  static constexpr const char* head_prefix = "bb_regressor.";

  template <class Visit>
  void parts(Visit&& visit) {
    visit(backbone_prefix, backbone);
    visit(head_prefix, head);
  }

  Backbone backbone;
  BoxHeadLayers<float> head;
};

/// Random weights as published: the backbone keeps the size of gradients, the head that of values; an IoU-Net's batch
/// norms begin in [0, 1).
template <class Backbone>
void initialise(BoxNetwork<Backbone>& network, const Random& random) {
  nn::initialise(network.backbone, random, {.fan = nn::Initialisation::Fan::out}, network.backbone_prefix);
  nn::initialise(network.head, random, {.uniform_norms = network.head.shape.outputs == 1}, network.head_prefix);
}

/// A backbone's four blocks as outputs.
template <class Backbone>
nn::TrainingPlan<float> blocks_plan(const Backbone& backbone) {
  nn::TrainingBuilder<float> builder;
  for (const auto block : backbone.blocks(builder, builder.input())) builder.output(block);
  return nn::TrainingPlan<float>(std::move(builder));
}

/// A head with the six inputs of BoxHeadInputs, in their order.
inline nn::TrainingPlan<float> head_plan(const BoxHeadLayers<float>& head) {
  nn::TrainingBuilder<float> builder(6);
  const auto in = [&](std::size_t i) { return builder.input(i); };
  builder.output(box_head(builder, head, {in(0), in(1), in(2), in(3), in(4), in(5)}));
  return nn::TrainingPlan<float>(std::move(builder));
}

}  // namespace pursuit::inline v0::distill
