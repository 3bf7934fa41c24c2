// SPDX-License-Identifier: MIT
#include "commands.hpp"
#include "training_config.hpp"
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
  TrainingObserver observer;
  observer.stop = [] { return interrupted != 0; };
  const auto result = train_box_head(config, observer);

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
  command->callback([options, distills] { train(*options, distills); });
}

}  // namespace

void add_train(CLI::App& app) {
  add(app, false, "train", "Train a tracker's networks from sequences with boxes",
      "\nExample:\n  pursuit train atom-s.json\n");
}

void add_distill(CLI::App& app) {
  add(app, true, "distill", "Train a small tracker from a large one", "\nExample:\n  pursuit distill matom.json\n");
}
