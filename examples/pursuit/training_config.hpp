// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/distill/box_head_objective.hpp>
#include <pursuit/optim/adam.hpp>
#include <pursuit/optim/schedule.hpp>
#include <pursuit/optim/sgd.hpp>
#include <pursuit/train/colour_jitter.hpp>
#include <pursuit/train/trainer.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// Where examples come from: each entry is a source, drawn from by its weight.
struct TrainingDataConfig {
  struct Source {
    std::filesystem::path path;
    double weight = 1;
  };
  std::vector<Source> sequences;  ///< folders of sequences, of any layout
  std::vector<Source> stills;     ///< files of boxes of single pictures, or the folders that have a boxes.csv
  struct Rendered {
    int count = 0;
    int frames = 24;  ///< of each
    std::uint64_t seed = 1;
    double weight = 1;
  } rendered;
  double flip = 0;                               ///< probability that a pair is mirrored
  std::optional<pursuit::ColourJitter> colours;  ///< of box heads' examples; empty: the published one
  std::size_t cache_megabytes = 1024;
};

struct ScheduleConfig {
  enum class Kind { step, exponential, log } kind = Kind::step;
  int every = 15;       ///< step
  double factor = 0.2;  ///< step, exponential
  double last = 1e-5;   ///< log: the rate of the last epoch
  int warm_up = 0;      ///< epochs, from a tenth of the rate
};

struct OptimizerConfig {
  enum class Kind { adam, sgd } kind = Kind::adam;
  double momentum = 0.9;  ///< sgd
  double decay = 0;
};

struct TeacherConfig {
  std::string tracker;
  std::filesystem::path weights;
};

/// What `pursuit train` and `pursuit distill` read from their file.
struct TrainingConfig {
  std::string tracker;
  TrainingDataConfig data;
  std::optional<TrainingDataConfig> validation_data;  ///< empty: other examples of `data`
  int side = 0;                                       ///< of search patches, pixels; 0: the published one
  double padding = 0;                                 ///< of search patches, target sizes; 0: the published one
  double rate = 1e-3;                                 ///< of the first epoch
  ScheduleConfig schedule;
  OptimizerConfig optimizer;
  std::uint64_t seed = 0;
  std::optional<pursuit::distill::BoxHeadObjective> losses;                 ///< empty: the published ones
  std::optional<pursuit::distill::BoxHeadObjective::TruthLoss> truth_loss;  ///< empty: the published one
  bool separate = false;  ///< the backbone first, then the head on the frozen backbone
  bool freeze_backbone = false;
  std::filesystem::path begin;  ///< weights to begin with; empty: random ones
  std::optional<TeacherConfig> teacher;
  int threads = 2;
  pursuit::TrainerOptions trainer;  ///< `folder` is "out"
};

/// Reads the file; paths in it are relative to it. Throws UsageError, with the place and what is needed, where
/// something in it cannot be (an unknown key is named with the nearest known one), and FileError.
TrainingConfig read_training_config(const std::filesystem::path& path);

/// Throws UsageError where the configuration says what only trackers with a box head learn from: a teacher, the weights
/// of losses, parts that are frozen.
void refuse_box_head_settings(const TrainingConfig& config);

/// The optimiser that a configuration names.
class ChosenOptimizer {
 public:
  ChosenOptimizer(const OptimizerConfig& config, double first_rate);

  void prepare(std::size_t slot, std::size_t size) {
    std::visit([&](auto& o) { o.prepare(slot, size); }, optimizer_);
  }
  void step(std::size_t slot, std::span<float> parameters, std::span<const float> gradient) {
    std::visit([&](auto& o) { o.rate = rate, o.step(slot, parameters, gradient); }, optimizer_);
  }
  template <class Visit>
  void state(Visit&& visit) {
    std::visit([&](auto& o) { o.state(visit); }, optimizer_);
  }

  double rate;

 private:
  std::variant<pursuit::optim::Adam<float>, pursuit::optim::Sgd<float>> optimizer_;
};

/// The schedule that a configuration names.
struct ChosenSchedule {
  ScheduleConfig config;
  double first = 1e-3;
  int epochs = 50;
  double rate(int epoch) const;
};
