// SPDX-License-Identifier: MIT
#include "commands.hpp"
#include "training_run.hpp"

#include <pursuit/backbone/dcf_net.hpp>
#include <pursuit/core/random.hpp>
#include <pursuit/io/weights.hpp>
#include <pursuit/nn/initialise.hpp>
#include <pursuit/train/dcf_pairs.hpp>
#include <pursuit/train/filter_task.hpp>

pursuit::TrainingResult train_filter(const TrainingConfig& config, const pursuit::TrainingHooks& hooks) {
  refuse_box_head_settings(config);
  pursuit::DcfPairs::Options options;
  if (config.side != 0) options.side = config.side;
  if (config.padding != 0) options.padding = config.padding;
  const TrainingDraws<pursuit::DcfPairs> draws(config, pursuit::DcfNetFeatures::pixels(), options);
  auto network = pursuit::dcf_net_layers();
  pursuit::nn::initialise(network, pursuit::Random(config.seed).fork("weights"), {}, "feature.");
  if (!config.begin.empty()) pursuit::nn::load(network, pursuit::Weights::load(config.begin), "feature.");
  pursuit::FilterTask task(network, draws.learn, {.padding = options.padding}, draws.validate);
  return run_training(task, config, hooks);
}
