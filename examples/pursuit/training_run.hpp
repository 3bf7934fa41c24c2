// SPDX-License-Identifier: MIT
#pragma once

#include "training_config.hpp"
#include "training_curves.hpp"
#include "training_data.hpp"
#include "training_processes.hpp"
#include "training_progress.hpp"

#include <pursuit/core/crop.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/core/random.hpp>
#include <pursuit/train/trainer.hpp>

#include <functional>
#include <iostream>
#include <memory>

/// Each trains its kind of tracker by its configuration. Throws UsageError where the configuration says something that
/// is not for this kind, and what the trainer throws.
pursuit::TrainingResult train_box_head(const TrainingConfig& config, const pursuit::TrainingHooks& hooks);
pursuit::TrainingResult train_siamese(const TrainingConfig& config, const pursuit::TrainingHooks& hooks);
pursuit::TrainingResult train_filter(const TrainingConfig& config, const pursuit::TrainingHooks& hooks);

/// Where a task's examples come from: to learn from, and to be measured by.
template <class Pairs>
struct TrainingDraws {
  using Example = typename Pairs::Example;
  std::function<Example(pursuit::Random&)> learn, validate;  ///< the second may be empty

  TrainingDraws(const TrainingConfig& config, const pursuit::PixelFormat& pixels, typename Pairs::Options options) {
    options.flip = config.data.flip;
    learn = draw_of(config.data, pixels, options);
    if (!config.validation_data || config.trainer.validation == 0) return;
    options.flip = 0;
    if constexpr (requires { options.colours; }) options.colours = {};
    validate = draw_of(*config.validation_data, pixels, options);
  }

 private:
  static std::function<Example(pursuit::Random&)> draw_of(const TrainingDataConfig& data,
                                                          const pursuit::PixelFormat& pixels,
                                                          const typename Pairs::Options& options) {
    const auto pairs = std::make_shared<const Pairs>(open_training_data(data), pixels, options);
    return [pairs](pursuit::Random& random) { return pairs->draw(random); };
  }
};

/// Trains a task by the settings that all kinds of trackers have in common, with a line on the terminal and, after each
/// epoch, a page of curves in the folder.
template <class Task>
pursuit::TrainingResult run_training(Task& task, const TrainingConfig& config, const pursuit::TrainingHooks& hooks) {
  TrainingProgress progress(config.trainer);
  pursuit::TrainingHooks all = hooks;
  all.step = [&](const pursuit::StepRecord& r) {
    progress.show(r);
    if (hooks.step) hooks.step(r);
  };
  all.epoch = [&](const pursuit::EpochRecord& r) {
    progress.show(r);
    const auto& folder = config.trainer.folder;
    try {
      if (!folder.empty()) write_training_curves(folder / "log.jsonl", folder / "curves.html", config.tracker);
    } catch (const pursuit::FileError& e) {  // the numbers are in the log
      std::cerr << "pursuit: note: no page of curves: " << e.what() << '\n';
    }
    if (hooks.epoch) hooks.epoch(r);
  };
  const ChosenSchedule schedule{config.schedule, config.rate, config.trainer.epochs};
  const ChosenOptimizer optimizer(config.optimizer, config.rate);
  return with_replicas([&](const auto& replicas) {
    return pursuit::Trainer(task, optimizer, schedule, config.trainer, all, replicas).run();
  });
}
