// SPDX-License-Identifier: MIT
#pragma once

#include "training_config.hpp"

#include <pursuit/train/trainer.hpp>

#include <functional>
#include <memory>

/// What a run says while it goes on, and when it should end.
using TrainingObserver = pursuit::TrainingHooks;

/// Trains one tracker by its configuration. Each throws UsageError where the configuration is not for its kind of
/// tracker, and what the trainer throws.
pursuit::TrainingResult train_box_head(const TrainingConfig& config, const TrainingObserver& observer);
pursuit::TrainingResult train_siamese(const TrainingConfig& config, const TrainingObserver& observer);
pursuit::TrainingResult train_filter(const TrainingConfig& config, const TrainingObserver& observer);

/// Trains a task by the settings that all kinds of trackers have in common.
template <class Task>
pursuit::TrainingResult run_training(Task& task, const TrainingConfig& config, const TrainingObserver& observer) {
  const ChosenSchedule schedule{config.schedule, config.rate, config.trainer.epochs};
  pursuit::Trainer trainer(task, ChosenOptimizer(config.optimizer, config.rate), schedule, config.trainer, observer);
  return trainer.run();
}
