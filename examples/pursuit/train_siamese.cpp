// SPDX-License-Identifier: MIT
#include "commands.hpp"
#include "training_run.hpp"

#include <pursuit/backbone/alexnet.hpp>
#include <pursuit/core/random.hpp>
#include <pursuit/io/weights.hpp>
#include <pursuit/nn/initialise.hpp>
#include <pursuit/train/siamese_task.hpp>
#include <pursuit/train/siamfc_pairs.hpp>

pursuit::TrainingResult train_siamese(const TrainingConfig& config, const pursuit::TrainingHooks& hooks) {
  refuse_box_head_settings(config);
  if (config.padding != 0)
    throw UsageError("padding: " + config.tracker +
                     " has none: its patches show the target and half of its width and height");
  pursuit::SiamFcPairs::Options options;
  if (config.side != 0) options.search = config.side;
  const TrainingDraws<pursuit::SiamFcPairs> draws(config, pursuit::AlexNet<>::pixels(), options);
  pursuit::AlexNetLayers network(config.tracker == "siamfc" ? pursuit::alexnet_v1 : pursuit::alexnet_v1_small);
  pursuit::nn::initialise(network, pursuit::Random(config.seed).fork("weights"), {}, "backbone.");
  if (!config.begin.empty()) pursuit::nn::load(network, pursuit::Weights::load(config.begin), "backbone.");
  pursuit::SiameseTask task(network, draws.learn, {}, draws.validate);
  return run_training(task, config, hooks);
}
