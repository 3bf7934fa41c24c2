// SPDX-License-Identifier: MIT
#include "small_tasks.hpp"

#include "support/bytes.hpp"
#include "support/temporary_folder.hpp"

#include <pursuit/optim/adam.hpp>
#include <pursuit/optim/schedule.hpp>
#include <pursuit/optim/sgd.hpp>
#include <pursuit/train/trainer.hpp>

#include <doctest/doctest.h>

#include <sys/resource.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <set>
#include <span>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <unistd.h>

using namespace pursuit;
using test::LineTask;
using test::message_of;
using test::numbers_of;
using test::TemporaryFolder;

namespace {

const optim::LogSchedule schedule{.first = 0.3, .last = 0.03, .epochs = 4};
const TrainerOptions options{.epochs = 4, .steps = 25, .batch = 4, .validation = 10, .seed = 3, .loaders = 0};

TrainerOptions in(const std::filesystem::path& folder) {
  TrainerOptions o = options;
  o.folder = folder;
  return o;
}

TrainingResult train(LineTask& task, const TrainerOptions& o, TrainingHooks hooks = {}) {
  return Trainer(task, optim::Adam<>(), schedule, o, std::move(hooks)).run();
}

/// Makes a run end after so many steps of it.
TrainingHooks stop_after(int steps) {
  return {.stop = [steps]() mutable { return --steps == 0; }};
}

/// The lines of a log without what a clock says.
std::vector<std::string> log_of(const std::filesystem::path& folder) {
  std::istringstream text(test::read_file(folder / "log.jsonl"));
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line.substr(0, line.find(",\"seconds\"")));
  return lines;
}

}  // namespace

static_assert(LearningTask<LineTask>);

// Near misses.
struct DrawsDifferently : LineTask {
  Example draw(Random& random);  // must be const: it is called from several threads
};
static_assert(!LearningTask<DrawsDifferently>);
struct SaysNothing : LineTask {
  void learn(std::span<const Example> examples);
};
static_assert(!LearningTask<SaysNothing>);
struct KeepsNothing {
  void step(std::size_t slot, std::span<float> parameters, std::span<const float> gradient);
  double rate;
};
static_assert(Optimizer<KeepsNothing>);
static_assert(!ResumableOptimizer<KeepsNothing>);
struct Alone : OneReplica {
  static void average(std::vector<float>&);
};
static_assert(!Replicas<Alone>);

TEST_CASE("trainer: it learns, and says how it went") {
  LineTask task;
  std::vector<StepRecord> steps;
  std::vector<EpochRecord> epochs;
  const auto result = train(task, options,
                            {.step = [&](const StepRecord& r) { steps.push_back(r); },
                             .epoch = [&](const EpochRecord& r) { epochs.push_back(r); }});
  CHECK(result.end == TrainingResult::End::epochs);
  CHECK(result.step == 100);
  REQUIRE(steps.size() == 100);
  REQUIRE(epochs.size() == 4);
  CHECK(steps[25].epoch == 2);
  CHECK(steps[25].step == 26);
  CHECK(steps[0].rate == 0.3);
  CHECK(steps[99].rate == doctest::Approx(0.03));
  CHECK(steps[0].loss.total > 10);  // all weights are 0
  // The noise has a variance of 0.01. Weights of 0 give 55.
  REQUIRE(epochs[3].validation);
  CHECK(result.best < 0.2);
  CHECK(result.best > 0.002);
  CHECK(result.best == epochs[static_cast<std::size_t>(result.best_epoch) - 1].validation->total);
  double sum = 0;
  for (int i = 0; i < 25; ++i) sum += steps[static_cast<std::size_t>(i)].loss.total;
  CHECK(epochs[0].training.total == doctest::Approx(sum / 25));
  // What it gathered without descent is that of the examples.
  CHECK(task.line.running_mean(0) == doctest::Approx(1).epsilon(0.5));
}

TEST_CASE("trainer: the threads that draw change no number") {
  LineTask none, one, three;
  TrainerOptions o = options;
  train(none, o);
  o.loaders = 1;
  train(one, o);
  o.loaders = 3;
  train(three, o);
  CHECK(numbers_of(one) == numbers_of(none));
  CHECK(numbers_of(three) == numbers_of(none));
  o.seed = 4;
  LineTask other;
  train(other, o);
  CHECK(numbers_of(other) != numbers_of(none));
}

TEST_CASE("trainer: a run that was left goes on to the same numbers, in an epoch or at its end") {
  const TemporaryFolder whole, parted;
  LineTask task;
  const auto expected = train(task, in(whole.path()));
  TrainerOptions o = in(parted.path());
  std::int64_t made = 0;
  for (const int steps : {1, 24, 30, 7, 1000}) {
    LineTask part;
    const auto result = train(part, o, stop_after(steps));
    made += steps;
    CHECK(result.step == std::min<std::int64_t>(made, 100));
    CHECK((result.end == TrainingResult::End::stopped) == (made < 100));
    if (made < 100) continue;
    CHECK(numbers_of(part) == numbers_of(task));
    CHECK(result.best == expected.best);
    CHECK(result.best_epoch == expected.best_epoch);
  }
  CHECK(log_of(parted.path()) == log_of(whole.path()));
  CHECK(log_of(whole.path()).size() == 104);
  CHECK(test::read_file(parted / "best.safetensors") == test::read_file(whole / "best.safetensors"));

  LineTask again;  // it is over: nothing is learned, but the weights are there
  train(again, o);
  CHECK(again.learned == 0);
  CHECK(numbers_of(again) == numbers_of(task));
  o.epochs = 5;
  train(again, o);
  CHECK(again.learned == 25);
}

TEST_CASE("trainer: a task may measure by other examples than it learns from") {
  struct WithOthers : LineTask {
    Example draw_validation(Random& random) const {
      Example e = draw(random);
      e.y += 100;
      return e;
    }
  } task;
  LineTask plain;
  TrainerOptions o = options;
  o.loaders = 1;
  CHECK(Trainer(task, optim::Adam<>(), schedule, o).run().best > 99 * 99);
  train(plain, o);
  CHECK(numbers_of(task) == numbers_of(plain));
}

TEST_CASE("trainer: momentum and the sums of an epoch without validation come back too") {
  const TemporaryFolder folder;
  TrainerOptions o = in(folder.path());
  o.validation = 0;
  o.clip = 0.5;
  const auto run = [](LineTask& task, const TrainerOptions& with, TrainingHooks hooks = {}) {
    return Trainer(task, optim::Sgd<>({.momentum = 0.9}), optim::StepSchedule{.first = 0.2, .every = 2}, with, hooks)
        .run();
  };
  LineTask whole, first, second;
  TrainerOptions without = o;
  without.folder.clear();
  const auto expected = run(whole, without);
  run(first, o, stop_after(37));
  CHECK(numbers_of(first) != numbers_of(whole));
  const auto result = run(second, o);
  CHECK(numbers_of(second) == numbers_of(whole));
  CHECK(result.best == expected.best);
}

// Runs in a process of its own, which the next test kills again and again.
TEST_CASE("trainer: a run in a child process" * doctest::skip()) {
  const char* const folder = std::getenv("PURSUIT_TEST_FOLDER");
  REQUIRE(folder != nullptr);
  TrainerOptions o = in(folder);
  o.epochs = 4;
  o.steps = 60;
  o.save_every = 3;
  o.loaders = 1;
  bool first = true;
  LineTask task;
  train(task, o, {.step = [&](const StepRecord& r) {
          if (std::exchange(first, false)) std::ofstream(o.folder / "starts", std::ios::app) << r.step << std::endl;
        }});
}

TEST_CASE("trainer: a run that is killed again and again ends with the same bits") {
  const TemporaryFolder whole, killed;
  const auto child = [](const TemporaryFolder& folder) {
    const pid_t id = ::fork();
    REQUIRE(id >= 0);
    if (id > 0) return id;
    ::setenv("PURSUIT_TEST_FOLDER", folder.path().c_str(), 1);
    ::execl("/proc/self/exe", "child", "--no-skip", "--test-case=trainer: a run in a child process", "--out=/dev/null",
            static_cast<char*>(nullptr));
    ::_exit(127);
  };
  int status = 0;
  REQUIRE(::waitpid(child(whole), &status, 0) > 0);
  REQUIRE(WIFEXITED(status));
  REQUIRE(WEXITSTATUS(status) == 0);

  Random random(11);
  int kills = 0;
  for (double patience = 8e-3;; patience *= 1.25) {  // seconds; a machine that is slow to begin gets there too
    const pid_t id = child(killed);
    std::this_thread::sleep_for(std::chrono::duration<double>(patience * random.uniform(0.5, 1.5)));
    ::kill(id, SIGKILL);
    REQUIRE(::waitpid(id, &status, 0) == id);
    if (WIFEXITED(status)) break;
    ++kills;
  }
  REQUIRE(WEXITSTATUS(status) == 0);
  std::set<int> starts;
  std::ifstream in(killed / "starts");
  for (int step = 0; in >> step;) starts.insert(step);
  MESSAGE("killed ", kills, " times, went on from ", starts.size(), " places");
  CHECK(starts.size() > 2);
  CHECK(log_of(killed.path()) == log_of(whole.path()));
  CHECK(test::read_file(killed / "best.safetensors") == test::read_file(whole / "best.safetensors"));
  const auto last = Weights::load(killed / "last.safetensors"), expected = Weights::load(whole / "last.safetensors");
  REQUIRE(last.tensors() == expected.tensors());
  for (const TensorInfo& t : last.tensors()) {
    if (t.shape.size() != 1) continue;
    CHECK(last.get<1>(t.name, {t.shape[0]}) == expected.get<1>(t.name, {t.shape[0]}));
  }
}

TEST_CASE("trainer: a gradient or loss that is no number ends the run, named, and the checkpoint stays") {
  const TemporaryFolder folder;
  TrainerOptions o = in(folder.path());
  o.save_every = 10;
  LineTask task;
  task.spoiled = 32;
  CHECK(message_of<Error>([&] { train(task, o); }) ==
        "Trainer: step 32 (epoch 2): the gradient of line.bias is not finite");
  const auto kept = Weights::load(folder / "last.safetensors");
  CHECK(kept.metadata().at("trainer.state").find("\"step\":30,") != std::string::npos);

  LineTask next;
  next.spoiled_loss = 5;
  CHECK(message_of<Error>([&] { train(next, o); }) == "Trainer: step 35 (epoch 2): the loss absolute is inf");
  LineTask last, whole;  // and the run can go on
  train(last, o);
  train(whole, options);
  CHECK(numbers_of(last) == numbers_of(whole));

  // Weights that overflow in the last step before a checkpoint are not written over good ones.
  LineTask wild;
  TrainerOptions brief = in(folder / "wild");
  brief.steps = 1;
  brief.validation = 0;
  const double huge = std::numeric_limits<double>::max();
  const auto message =
      message_of<Error>([&] { Trainer(wild, optim::Sgd<>(), optim::StepSchedule{.first = huge}, brief).run(); });
  CHECK(message == (folder / "wild/best.safetensors").string() +
                       ": not written, because line.weight holds numbers that are not finite");
}

TEST_CASE("trainer: it gives up after epochs without a better one; best keeps the best, last the last") {
  struct Spoiling {
    double rate(int epoch) const { return epoch < 2 ? 0.3 : 30; }
  };
  const TemporaryFolder folder;
  TrainerOptions o = in(folder.path());
  o.epochs = 20;
  o.patience = 3;
  LineTask task;
  std::vector<float> after_two;
  const TrainingHooks hooks{.epoch = [&](const EpochRecord& r) {
    if (r.epoch == 2) after_two = numbers_of(task);
  }};
  const auto result = Trainer(task, optim::Adam<>(), Spoiling{}, o, hooks).run();
  CHECK(result.end == TrainingResult::End::patience);
  CHECK(result.best_epoch == 2);
  CHECK(result.step == 5 * 25);
  LineTask best;
  const auto weights = Weights::load(folder / "best.safetensors");
  nn::load(best.line, weights, "line.");
  CHECK(numbers_of(best) == after_two);
  CHECK(weights.metadata().at("epoch") == "2");
  CHECK(weights.tensors().size() == 3);
  CHECK(numbers_of(task) != after_two);
  LineTask again;
  CHECK(Trainer(again, optim::Adam<>(), Spoiling{}, o).run().end == TrainingResult::End::patience);
  CHECK(again.learned == 0);
}

TEST_CASE("trainer: a checkpoint of other settings, of another task or of nothing is refused") {
  const TemporaryFolder folder;
  const TrainerOptions o = in(folder.path());
  const std::string last = (folder / "last.safetensors").string();
  LineTask task;
  train(task, o, stop_after(30));
  const std::string before = test::read_file(last);
  const auto refuses = [&](const std::function<void(TrainerOptions&)>& change, const std::string& what) {
    TrainerOptions other = o;
    change(other);
    const auto message = message_of<Error>([&] { train(task, other); });
    INFO(message);
    CHECK(message.find(last + ": the run was begun with another " + what) == 0);
  };
  refuses([](TrainerOptions& t) { t.seed = 4; }, "seed (3, now 4)");
  refuses([](TrainerOptions& t) { t.batch = 5; }, "batch (4, now 5)");
  refuses([](TrainerOptions& t) { t.steps = 26; }, "steps (25, now 26)");
  refuses([](TrainerOptions& t) { t.clip = 1; }, "clip (0, now 1)");
  refuses([](TrainerOptions& t) { t.settings["side"] = "64"; }, "side (none, now 64): go on");
  refuses([](TrainerOptions& t) { t.settings["data"] = std::string(50, 'x'); }, "data: go on");
  CHECK(message_of<Error>([&] {
          Trainer(task, optim::Sgd<>({.momentum = 0.5}), schedule, o).run();
        }).find("missing: optimizer.velocity.0") != std::string::npos);
  CHECK(test::read_file(last) == before);

  TrainerOptions anew = o;
  anew.seed = 4;
  anew.resume = false;
  LineTask fresh;
  CHECK(train(fresh, anew, stop_after(3)).step == 3);
  CHECK(log_of(folder.path()).size() == 3);
  CHECK(!std::filesystem::exists(folder / "best.safetensors"));

  std::ofstream(last, std::ios::binary) << before.substr(0, before.size() / 2);
  CHECK_THROWS_AS(train(task, o), FileError);
  save_weights(last, task, {});
  CHECK(message_of<Error>([&] { train(task, o); }).find(last + ": is not a checkpoint of a training run") == 0);
}

TEST_CASE("trainer: where files cannot be written it says so, and an older checkpoint stays") {
  const TemporaryFolder folder;
  LineTask task;
  std::ofstream(folder / "file") << "x";
  CHECK(message_of<Error>([&] { train(task, in(folder / "file")); }).find((folder / "file").string()) == 0);

  std::filesystem::create_directory(folder / "full");
  std::filesystem::create_symlink("/dev/full", folder / "full" / "log.jsonl");
  CHECK(message_of<Error>([&] { train(task, in(folder / "full")); }) ==
        (folder / "full/log.jsonl").string() + ": cannot be written (No space left on device)");

  // As a full disk: no file may grow past what the log has now.
  LineTask one;
  TrainerOptions o = in(folder / "run");
  o.log_every = 1000;
  train(one, o, stop_after(30));
  const std::string before = test::read_file(folder / "run/last.safetensors");
  rlimit usual{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &usual) == 0);
  auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit little{before.size() / 2, usual.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &little) == 0);
  LineTask two;
  const auto message = message_of<Error>([&] { train(two, o); });
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &usual) == 0);
  std::signal(SIGXFSZ, handler);
  CHECK(message.find(": cannot be written (File too large)") != std::string::npos);
  CHECK(test::read_file(folder / "run/last.safetensors") == before);
  LineTask three, whole;
  train(three, o);
  train(whole, options);
  CHECK(numbers_of(three) == numbers_of(whole));
}

TEST_CASE("trainer: options that are out of range, and tasks without parameters") {
  const auto refuses = [](const std::function<void(TrainerOptions&)>& change, const std::string& what) {
    LineTask task;
    TrainerOptions o = options;
    change(o);
    CHECK(message_of<Error>([&] { train(task, o); }) == what);
  };
  refuses([](TrainerOptions& o) { o.steps = 0; }, "Trainer: steps is 0: need at least 1");
  refuses([](TrainerOptions& o) { o.batch = 0; }, "Trainer: batch is 0: need at least 1");
  refuses([](TrainerOptions& o) { o.batch = 2'000'000'000; }, "Trainer: batch is 2000000000: need at most 1000000");
  refuses([](TrainerOptions& o) { o.clip = std::numeric_limits<double>::quiet_NaN(); },
          "Trainer: clip is nan: need at least 0");
  LineTask frozen;
  frozen.gradients() = {};
  CHECK(message_of<Error>([&] { train(frozen, options); }) == "Trainer: the task has no parameters to train");
}

TEST_CASE("training log: a line that was cut off in its middle goes, and so does what comes after") {
  const TemporaryFolder folder;
  const auto path = folder / "log.jsonl";
  std::uintmax_t kept = 0;
  {
    TrainingLog log(path);
    log.write(StepRecord{1, 1, {0.5, {{"a", 0.25}}}, 2, 0.1});
    kept = log.sync();
    log.write(StepRecord{1, 2, {0.5, {}}, 2, 0.1});
  }
  const std::string line =
      "{\"epoch\":1,\"step\":1,\"loss\":0.5,\"parts\":{\"a\":0.25},\"gradient_norm\":2.0,\"rate\":0.1}\n";
  CHECK(kept == line.size());
  {
    TrainingLog log(path, kept + 5);
    log.write(EpochRecord{1, 1, {0.5, {}}, LossValues{0.75, {}}, 0.1, true, 2});
  }
  CHECK(test::read_file(path) ==
        line +
            "{\"epoch\":1,\"step\":1,\"training\":{\"loss\":0.5,\"parts\":{}},\"validation\":{\"loss\":"
            "0.75,\"parts\":{}},\"rate\":0.1,\"best\":true,\"seconds\":2.0}\n");
  { const TrainingLog shortened(path, 1'000'000); }  // somebody did that
  CHECK(std::filesystem::file_size(path) > kept);
  { const TrainingLog anew(path); }
  CHECK(std::filesystem::file_size(path) == 0);
}

TEST_CASE("mean loss: batches count by their examples") {
  MeanLoss mean;
  CHECK(mean.mean() == LossValues{});
  mean.add({1, {{"a", 2}}}, 3);
  mean.add({5, {{"a", 4}}}, 1);
  CHECK(mean.mean() == LossValues{2, {{"a", 2.5}}});
  CHECK_THROWS_AS(mean.add({1, {{"b", 2}}}), Error);
  CHECK_THROWS_AS(mean.add({1, {}}), Error);
}
