// SPDX-License-Identifier: MIT
#pragma once

#include "training_config.hpp"
#include "training_curves.hpp"
#include "training_progress.hpp"

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

/// Trains a task by the settings that all kinds of trackers have in common, with a line on the terminal and, after each
/// epoch, a page of curves in the folder.
template <class Task>
pursuit::TrainingResult run_training(Task& task, const TrainingConfig& config, const TrainingObserver& observer) {
  TrainingProgress progress(config.trainer);
  TrainingObserver all = observer;
  all.step = [&](const pursuit::StepRecord& r) {
    progress.show(r);
    if (observer.step) observer.step(r);
  };
  all.epoch = [&](const pursuit::EpochRecord& r) {
    progress.show(r);
    const auto& folder = config.trainer.folder;
    if (!folder.empty()) write_training_curves(folder / "log.jsonl", folder / "curves.html", config.tracker);
    if (observer.epoch) observer.epoch(r);
  };
  const ChosenSchedule schedule{config.schedule, config.rate, config.trainer.epochs};
  pursuit::Trainer trainer(task, ChosenOptimizer(config.optimizer, config.rate), schedule, config.trainer, all);
  return trainer.run();
}
