// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/concepts/optimizer.hpp>
#include <pursuit/core/aligned.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/core/random.hpp>
#include <pursuit/optim/clip.hpp>
#include <pursuit/train/checkpoint.hpp>
#include <pursuit/train/learning_task.hpp>
#include <pursuit/train/loader.hpp>
#include <pursuit/train/loss_values.hpp>
#include <pursuit/train/replicas.hpp>
#include <pursuit/train/training_log.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace pursuit::inline v0 {

struct TrainerOptions {
  int epochs = 50;
  int steps = 1000;    ///< of an epoch
  int batch = 8;       ///< examples of a step, of all processes together
  int validation = 0;  ///< examples that are measured after each epoch, the same each time; 0: the epoch's training
                       ///< loss says which is best
  std::uint64_t seed = 0;
  int patience = 0;                ///< epochs without a new best after which it ends; 0: it never gives up
  double clip = 0;                 ///< a gradient longer than this is shortened; 0: none is
  int loaders = 1;                 ///< threads that draw examples; 0: they are drawn between steps
  int save_every = 0;              ///< steps between checkpoints, beside those after each epoch; 0: none
  int log_every = 1;               ///< steps between lines of the log
  std::filesystem::path folder{};  ///< for last.safetensors, best.safetensors and log.jsonl; empty: no file is written
  bool resume = true;              ///< go on where last.safetensors is, if it is there
  TrainingSettings settings{};     ///< what else the numbers depend on, such as the keys of a configuration
};

/// What a program may hear of a run. All may be empty.
struct TrainingHooks {
  std::function<void(const StepRecord&)> step{};
  std::function<void(const EpochRecord&)> epoch{};
  std::function<bool()> stop{};  ///< asked after each step: true ends the run, with a checkpoint
};

struct TrainingResult {
  enum class End { epochs, patience, stopped } end = End::epochs;
  std::int64_t step = 0;  ///< steps made
  int best_epoch = 0;     ///< from 1; 0: none is over
  double best = 0;        ///< its loss
};

constexpr const char* to_string(TrainingResult::End end) {
  constexpr const char* names[] = {"epochs", "patience", "stopped"};
  return names[static_cast<int>(end)];
}

/// Trains a task's networks: draws examples, has the task learn from a batch, and moves the parameters, with validation
/// and checkpoints at the end of each epoch.
///
/// A run is a function of the task, its settings and the seed: example i of step s (both from 0) is drawn from
/// Random(seed).fork("example " + (s * batch + i)), validation example i from Random(seed).fork("validation " + i). So
/// a run that was killed at any moment and goes on from last.safetensors makes the same steps, whatever the number of
/// loading threads. The kernels' sums are the same bits for the same number of threads.
///
/// last.safetensors holds everything a run needs to go on; best.safetensors holds the weights after the epoch with the
/// lowest loss, and is what trackers load. Both are replaced whole or not at all.
///
/// `schedule.rate(epoch)`, epochs from 0, says how long steps are.
template <LearningTask Task, ResumableOptimizer O, class Schedule, Replicas R = OneReplica>
requires requires(const Schedule& schedule, int epoch) {
  { schedule.rate(epoch) } -> std::convertible_to<double>;
}
class Trainer {
 public:
  using Example = typename Task::Example;

  /// The task must outlive the trainer. Throws Error where an option is out of range.
  Trainer(Task& task, O optimizer, Schedule schedule, TrainerOptions options, TrainingHooks hooks = {}, R replicas = {})
      : task_(task),
        optimizer_(std::move(optimizer)),
        schedule_(std::move(schedule)),
        options_(std::move(options)),
        hooks_(std::move(hooks)),
        replicas_(std::move(replicas)) {
    check_options();
    share_ = options_.batch / replicas_.count();
  }

  /// Trains to the end, or goes on with what an earlier run left in the folder.
  /// Throws Error where a loss or gradient is not finite, naming epoch, step, and where it was seen first; the
  /// checkpoints are then as they were. Throws FileError where files cannot be read or written, or where the checkpoint
  /// was made with other settings.
  TrainingResult run() {
    begin();
    Loader<Example> examples = training_examples();
    const std::int64_t end = std::int64_t{options_.epochs} * options_.steps;
    bool stopped = false;
    while (state_.step < end && !gave_up() && !stopped) {
      stopped = step(examples.next(share_));
      if (state_.step % options_.steps == 0)
        end_epoch();
      else if (stopped || (options_.save_every > 0 && state_.step % options_.save_every == 0))
        save();
    }
    using End = TrainingResult::End;
    if (replicas_.count() > 1) meet();  // nobody reads files that the first is still writing
    const auto why = state_.step >= end ? End::epochs : gave_up() ? End::patience : End::stopped;
    return {why, state_.step, state_.best_epoch, state_.best};
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr int most_in_batch = 1'000'000;  // twice as many can be counted

  void check_options() const {
    const auto& o = options_;
    const auto need = [](const char* name, double value, double least) {
      if (!(value >= least)) throw Error(concat("Trainer: ", name, " is ", value, ": need at least ", least));
    };
    need("epochs", o.epochs, 0);
    need("steps", o.steps, 1);
    need("batch", o.batch, 1);
    need("validation", o.validation, 0);
    need("patience", o.patience, 0);
    need("clip", o.clip, 0);
    need("loaders", o.loaders, 0);
    need("save_every", o.save_every, 0);
    need("log_every", o.log_every, 1);
    if (o.batch > most_in_batch) throw Error(concat("Trainer: batch is ", o.batch, ": need at most ", most_in_batch));
    if (o.batch % replicas_.count() != 0)
      throw Error(concat("Trainer: ", replicas_.count(), " processes cannot share a batch of ", o.batch, " evenly"));
    if (o.validation > 0 && o.validation < replicas_.count())
      throw Error(concat("Trainer: ", o.validation, " validation examples for ", replicas_.count(), " processes"));
  }

  // The run's begin and end.

  void begin() {
    auto& gradients = task_.gradients();
    if (gradients.size() == 0) throw Error("Trainer: the task has no parameters to train");
    for (std::size_t slot = 0; slot < gradients.size(); ++slot)
      optimizer_.prepare(slot, gradients[slot].parameter.size());
    state_ = {};
    epoch_began_ = Clock::now();
    if (!options_.folder.empty()) {
      const bool resumed = options_.resume && std::filesystem::exists(last());
      if (resumed) state_ = load_checkpoint(last(), task_, optimizer_, settings());
      if (writes()) open_files(resumed);
    }
    require_equal_replicas();
  }

  void open_files(bool resumed) {
    std::error_code problem;
    std::filesystem::create_directories(options_.folder, problem);
    if (problem) throw FileError(concat(options_.folder.string(), ": cannot be made (", problem.message(), ")"));
    if (!options_.resume) std::filesystem::remove(best(), problem);
    log_.emplace(options_.folder / "log.jsonl", state_.log_bytes);
    if (!resumed) save();  // finds out now whether that works
  }

  bool writes() const { return !options_.folder.empty() && replicas_.rank() == 0; }
  bool gave_up() const {
    const std::int64_t epochs = state_.step / options_.steps;
    return options_.patience > 0 && epochs - state_.best_epoch >= options_.patience;
  }
  std::filesystem::path last() const { return options_.folder / "last.safetensors"; }
  std::filesystem::path best() const { return options_.folder / "best.safetensors"; }

  void save() {
    if (!writes()) return;
    state_.log_bytes = log_->sync();
    save_checkpoint(last(), task_, optimizer_, state_, settings());
  }

  TrainingSettings settings() const {
    TrainingSettings all{{"seed", concat(options_.seed)},
                         {"steps", concat(options_.steps)},
                         {"batch", concat(options_.batch)},
                         {"validation", concat(options_.validation)},
                         {"clip", concat(options_.clip)},
                         {"first rate", concat(schedule_.rate(0))},
                         {"number of processes", concat(replicas_.count())}};
    all.insert(options_.settings.begin(), options_.settings.end());
    return all;
  }

  // Examples.

  Loader<Example> training_examples() const {
    const auto batch = static_cast<std::uint64_t>(options_.batch), share = static_cast<std::uint64_t>(share_);
    const std::uint64_t first = share * static_cast<std::uint64_t>(replicas_.rank());
    const auto make = [this, batch, share, first](std::uint64_t i) {  // i counts this process' own
      return draw(i / share * batch + first + i % share);
    };
    return Loader<Example>(make, static_cast<std::uint64_t>(state_.step) * share, options_.loaders, 2 * share_);
  }
  Example draw(std::uint64_t index) const {
    Random random = Random(options_.seed).fork(concat("example ", index));
    return std::as_const(task_).draw(random);
  }
  Example draw_validation(std::uint64_t index) const {
    Random random = Random(options_.seed).fork(concat("validation ", index));
    if constexpr (requires { std::as_const(task_).draw_validation(random); })
      return std::as_const(task_).draw_validation(random);
    else
      return std::as_const(task_).draw(random);
  }

  // One step.

  /// Whether somebody wants the run to end.
  bool step(const std::vector<Example>& examples) {
    const int epoch = static_cast<int>(state_.step / options_.steps);
    optimizer_.rate = schedule_.rate(epoch);
    auto& gradients = task_.gradients();
    gradients.clear();
    LossValues loss = task_.learn(examples);
    bool stop = hooks_.stop && hooks_.stop();
    if (replicas_.count() > 1) average(loss, stop);
    const double limit = options_.clip > 0 ? options_.clip : std::numeric_limits<double>::infinity();
    const double norm = optim::clip_norm(gradients.values(), limit);
    require_finite(loss, norm, concat("step ", state_.step + 1, " (epoch ", epoch + 1, ")"));
    for (std::size_t slot = 0; slot < gradients.size(); ++slot) {
      const auto entry = gradients[slot];
      optimizer_.step(slot, entry.parameter, entry.gradient);
    }
    ++state_.step;
    state_.epoch.add(loss);
    if (replicas_.rank() != 0) return stop;
    const StepRecord record{epoch + 1, state_.step, std::move(loss), norm, optimizer_.rate};
    if (log_ && state_.step % options_.log_every == 0) log_->write(record);
    if (hooks_.step) hooks_.step(record);
    return stop;
  }

  void require_finite(const LossValues& loss, double norm, const std::string& where) {
    std::string what;
    for (const auto& [name, value] : loss.parts)
      if (what.empty() && !std::isfinite(value)) what = concat("the loss ", name, " is ", value);
    if (what.empty() && !std::isfinite(loss.total)) what = concat("the loss is ", loss.total);
    if (what.empty() && std::isfinite(norm)) return;
    if (!std::isfinite(norm)) {
      const auto bad = [](float g) { return !std::isfinite(g); };
      auto& gradients = task_.gradients();
      std::size_t i = 0;
      while (i + 1 < gradients.size() && std::ranges::none_of(gradients[i].gradient, bad)) ++i;
      what += concat(what.empty() ? "" : ", and ", "the gradient of ", gradients[i].name, " is not finite");
    }
    throw Error(concat("Trainer: ", where, ": ", what));
  }

  // The end of an epoch.

  void end_epoch() {
    const int epoch = static_cast<int>(state_.step / options_.steps);
    EpochRecord record{epoch, state_.step, state_.epoch.mean(), std::nullopt, optimizer_.rate, false, 0};
    if (options_.validation > 0) {
      record.validation = validate();
      require_finite(*record.validation, 0, concat("validation after epoch ", epoch));
    }
    const double loss = record.validation ? record.validation->total : record.training.total;
    record.best = state_.best_epoch == 0 || loss < state_.best;
    if (record.best) state_.best_epoch = epoch, state_.best = loss;
    state_.epoch = {};
    const auto now = Clock::now();
    record.seconds = std::chrono::duration<double>(now - std::exchange(epoch_began_, now)).count();
    if (log_) log_->write(record);
    // Best before last: who is killed between the two makes both again.
    if (record.best && writes())
      save_weights(best(), task_,
                   {{"epoch", concat(epoch)},
                    {"loss", concat(loss)},
                    {"seed", concat(options_.seed)},
                    {detail::settings_key(), detail::settings_text(settings())}});
    save();
    if (hooks_.epoch && replicas_.rank() == 0) hooks_.epoch(record);
  }

  LossValues validate() {
    const int rank = replicas_.rank(), count = replicas_.count(), all = options_.validation;
    const auto part = [&](int r) { return static_cast<int>(std::int64_t{r} * all / count); };
    Loader<Example> examples([this](std::uint64_t i) { return draw_validation(i); },
                             static_cast<std::uint64_t>(part(rank)), options_.loaders, 2 * share_);
    MeanLoss mean;
    for (int i = part(rank), n = 0; i < part(rank + 1); i += n) {
      n = std::min(share_, part(rank + 1) - i);
      mean.add(task_.measure(examples.next(n)), n);
    }
    if (count == 1) return mean.mean();
    packed_.clear();
    LossValues sums = mean.sums();
    pack(sums);
    replicas_.average(packed_);
    unpack(sums, packed_.data());
    return MeanLoss(sums, static_cast<double>(all) / count).mean();
  }

  // Several processes.

  /// The means over all processes of gradients, losses and batch norm's statistics, by one exchange.
  void average(LossValues& loss, bool& stop) {
    const auto gradients = task_.gradients().values();
    packed_.assign(gradients.begin(), gradients.end());
    pack(loss);
    packed_.push_back(stop ? 1.0F : 0.0F);
    for_statistics([&](std::span<float> s) { packed_.insert(packed_.end(), s.begin(), s.end()); });
    replicas_.average(packed_);
    const float* from = packed_.data();
    std::copy_n(from, gradients.size(), gradients.begin());
    from = unpack(loss, from + gradients.size());
    stop = *from++ > 0;
    for_statistics([&](std::span<float> s) {
      std::copy_n(from, s.size(), s.begin());
      from += s.size();
    });
  }
  /// Returns when all have called it.
  void meet() {
    packed_.assign(1, 0.0F);
    replicas_.average(packed_);
  }
  void pack(const LossValues& loss) {
    packed_.push_back(static_cast<float>(loss.total));
    for (const auto& part : loss.parts) packed_.push_back(static_cast<float>(part.second));
  }
  static const float* unpack(LossValues& loss, const float* from) {
    loss.total = static_cast<double>(*from++);
    for (auto& part : loss.parts) part.second = static_cast<double>(*from++);
    return from;
  }
  /// What the task gathers without descent; by the names that published files give it.
  template <class Visit>
  void for_statistics(Visit&& visit) {
    task_.tensors([&](const std::string& name, auto& tensor) {
      if (name.ends_with("running_mean") || name.ends_with("running_var"))
        visit(std::span(tensor.data(), tensor.size()));
    });
  }

  /// Throws Error where processes begin with other weights or another step: they would never come together.
  void require_equal_replicas() {
    if (replicas_.count() == 1) return;
    std::uint64_t hash = static_cast<std::uint64_t>(state_.step);
    const auto mix = [&](std::span<const float> numbers) {
      for (const std::byte b : std::as_bytes(numbers)) hash = (hash ^ static_cast<std::uint64_t>(b)) * 0x100000001B3ULL;
    };
    task_.tensors([&](const std::string&, auto& tensor) { mix({tensor.data(), tensor.size()}); });
    optimizer_.state([&](const std::string&, std::vector<float>& numbers) { mix(numbers); });
    AlignedVector<float> mean;
    for (int i = 0; i < 4; ++i) mean.push_back(static_cast<float>(hash >> (16 * i) & 0xFFFFU));
    const auto own = mean;
    replicas_.average(mean);
    // Every process must see it, or the others would wait for those that did.
    packed_.assign(1, mean == own ? 0.0F : 1.0F);
    replicas_.average(packed_);
    if (packed_[0] > 0) throw Error("Trainer: the processes begin with different weights, optimisers or steps");
  }

  Task& task_;
  O optimizer_;
  Schedule schedule_;
  TrainerOptions options_;
  TrainingHooks hooks_;
  R replicas_;
  int share_ = 0;  // of a batch, for each process
  TrainingState state_;
  std::optional<TrainingLog> log_;
  AlignedVector<float> packed_;
  Clock::time_point epoch_began_{};
};

}  // namespace pursuit::inline v0
