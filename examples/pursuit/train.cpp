// SPDX-License-Identifier: MIT
#include "commands.hpp"
#include "training_config.hpp"
#include "training_processes.hpp"
#include "training_run.hpp"

#include <pursuit/core/threads.hpp>

#include <nlohmann/json.hpp>

#include <csignal>
#include <iostream>
#include <memory>
#include <string>

namespace {

struct TrainOptions {
  std::string config;
  std::string out;
  std::string seed;
  bool restart = false;
  bool json = false;
};

volatile std::sig_atomic_t interrupted = 0;

/// The first Ctrl-C (or `kill`) ends the run after its step, with a checkpoint; a second one ends the program.
void interrupt(int signal) {
  interrupted = 1;
  std::signal(signal, SIG_DFL);
}

pursuit::TrainingResult run(const TrainingConfig& config, const pursuit::TrainingHooks& hooks) {
  if (config.tracker == "siamfc" || config.tracker == "siamfc-s") return train_siamese(config, hooks);
  if (config.tracker == "dcfnet") return train_filter(config, hooks);
  return train_box_head(config, hooks);
}

void train(const TrainOptions& options, bool distills) {
  TrainingConfig config = read_training_config(options.config);
  if (distills && !config.teacher)
    throw UsageError(options.config + ": teacher is missing; without one the command is: pursuit train");
  if (!distills && config.teacher)
    throw UsageError(options.config + ": teacher: with one the command is: pursuit distill");
  if (!options.out.empty()) config.trainer.folder = options.out;
  if (!options.seed.empty()) config.seed = config.trainer.seed = std::stoull(options.seed);
  config.trainer.resume = !options.restart;
  pursuit::set_threads(config.threads);

  std::signal(SIGINT, interrupt);
  std::signal(SIGTERM, interrupt);
  pursuit::TrainingHooks hooks;
  hooks.stop = [] { return interrupted != 0; };
  const auto result = run(config, hooks);
  if (!is_first_process()) return;

  const auto best = (config.trainer.folder / "best.safetensors").string();
  if (options.json) {
    std::cout << nlohmann::ordered_json{{"tracker", config.tracker},       {"weights", best},
                                        {"ended", to_string(result.end)},  {"steps", result.step},
                                        {"best_epoch", result.best_epoch}, {"best_loss", result.best}}
              << '\n';
    return;
  }
  if (result.best_epoch > 0)
    std::cout << "best after epoch " << result.best_epoch << ", loss " << result.best << ": " << best << '\n'
              << "try: pursuit track --tracker " << config.tracker << " --weights " << best << " --source demo\n";
  if (result.end == pursuit::TrainingResult::End::stopped)
    std::cout << "stopped after " << result.step << " steps; the same command goes on from there\n";
}

void add(CLI::App& app, bool distills, const char* name, const char* about, const char* example) {
  CLI::App* command = app.add_subcommand(name, about);
  const auto options = std::make_shared<TrainOptions>();
  command->add_option("CONFIG", options->config, "JSON file that says what is trained, from what, and how")->required();
  command->add_option("--out", options->out, "folder for the results, in place of the file's");
  command->add_option("--seed", options->seed, "of weights and examples, in place of the file's")
      ->check([](const std::string& text) {
        const bool digits = text.find_first_not_of("0123456789") == text.npos && text.size() < 20;
        return digits ? std::string() : text + ": need a whole number, not negative";
      });
  command->add_flag("--restart", options->restart, "begin anew where there is a checkpoint; the default is to go on");
  command->add_flag("--json", options->json, "print one JSON object at the end");
  command->footer(example);
  command->callback([options, distills] { run_with_others([&] { train(*options, distills); }); });
}

}  // namespace

void add_train(CLI::App& app) {
  add(app, false, "train", "Train a tracker's networks from videos and pictures with boxes", R"(
A configuration, atom-s.json (comments are allowed, paths are relative to the file):
  {
    "tracker": "atom-s",                  // siamfc siamfc-s dcfnet atom atom-m atom-s atom-t matom drnet drnet-s mdrnet
    "data": {                             // each entry is a source; all are drawn from equally often, or by "weight"
      "sequences": ["OTB", {"path": "DAVIS", "weight": 2}],     // folders of sequences, of any layout
      "stills": "coco/boxes.csv",         // image,x,y,w,h: pictures with boxes
      "rendered": {"count": 40, "seed": 1},
      "flip": 0.5,                        // how often a pair is mirrored
      "colours": {"grey": 0.2, "brightness": 0.3, "contrast": 0.3, "tint": 0.1, "blur": 3}   // of box heads' examples
    },
    "side": 224, "padding": 4,            // of search patches: pixels, and target sizes; default: as published.
                                          // Trackers show their networks targets of 56 to 58 pixels: side / padding
    "epochs": 40, "steps": 500, "batch": 8, "validation": 128,
    "rate": 0.001, "schedule": {"kind": "step", "every": 15, "factor": 0.2},     // or exponential, or log with "last"
    "optimizer": {"kind": "adam"},        // or sgd with "momentum"; both with "decay"
    "losses": {"truth": 1, "response": 0.1},     // of the box head, and of features that a filter can be learned on
    "seed": 1, "threads": 2, "loaders": 1, "out": "runs/atom-s"
  }

Then:
  pursuit train atom-s.json
  pursuit track --tracker atom-s --weights runs/atom-s/best.safetensors --source OTB/Bolt

The folder "out" gets best.safetensors (weights for trackers), last.safetensors (to go on from), log.jsonl and
curves.html. Ctrl-C, or a crash, loses nothing but the last steps: the same command goes on, to the same numbers.
Other keys: patience, clip, save_every, log_every, begin (weights to begin with), freeze_backbone.
Exit code: 0, 1 (failed), 2 (wrong usage or configuration).)");
}

void add_distill(CLI::App& app) {
  add(app, true, "distill", "Train a small tracker of ATOM's family from a large one", R"(
A configuration as for pursuit train (pursuit train --help shows one) with a teacher, matom.json:
  {
    "tracker": "matom",                   // atom atom-m atom-s atom-t matom drnet drnet-s mdrnet
    "teacher": {"tracker": "atom-m", "weights": "runs/atom-m/best.safetensors"},
    "losses": {
      "soft": 1,                          // what the teacher says about boxes
      "hard": 0.1,                        // the truth, until the student is better than its teacher
      "fidelity": 100,                    // the teacher's features, summed over channels
      "filter": 0.01                      // features with which a correlation finds the target
    },                                    // these are the defaults; "truth": the truth in any case; "response": see
                                          // pursuit train
    "separate": false,                    // true: the backbone by fidelity and filter first, then the head
    "data": {"sequences": "OTB"},
    "epochs": 40, "steps": 500, "batch": 8, "rate": 0.001, "out": "runs/matom"
  }

Then:
  pursuit distill matom.json
  pursuit track --tracker matom --weights runs/matom/best.safetensors --source OTB/Bolt)");
}
