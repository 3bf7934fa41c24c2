// SPDX-License-Identifier: MIT
#include "support/bytes.hpp"
#include "support/temporary_folder.hpp"
#include "train/small_tasks.hpp"

#include <pursuit/core/threads.hpp>
#include <pursuit/loss/mean_squared.hpp>
#include <pursuit/mpi.hpp>
#include <pursuit/nn/batch_norm2d.hpp>
#include <pursuit/nn/conv2d.hpp>
#include <pursuit/nn/initialise.hpp>
#include <pursuit/nn/relu.hpp>
#include <pursuit/nn/sequential.hpp>
#include <pursuit/nn/training_plan.hpp>
#include <pursuit/optim/schedule.hpp>
#include <pursuit/optim/sgd.hpp>
#include <pursuit/train/trainer.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <utility>
#include <vector>

using namespace pursuit;

namespace {

constexpr Index side = 8;
constexpr std::size_t pixels = side * side;

/// Learns to blur noise: three convolutions, with batch norm between them or without.
template <class... Layers>
class BlurTask {
 public:
  struct Example {
    std::array<float, pixels> x, y;
  };

  explicit BlurTask(Layers... layers) : network(std::move(layers)...), plan_(network) {
    nn::initialise(network, Random(2));
    gradients_.add(network, "net.");
  }

  Example draw(Random& random) const {
    Example e{};
    for (float& v : e.x) v = static_cast<float>(random.normal());
    for (std::size_t i = 0; i < pixels; ++i)
      e.y[i] = (e.x[i] + e.x[i % side == 0 ? i : i - 1] + e.x[i < side ? i : i - side]) / 3;
    return e;
  }
  LossValues learn(std::span<const Example> examples) {
    auto loss = pass(examples, false);
    std::vector<float> d(target_.size());
    loss::MeanSquared<float>{}.gradient({cache_.output().data, d.size()}, target_, d);
    plan_.backward({{d.data(), cache_.output().shape}}, cache_, gradients_);
    plan_.gather_statistics(cache_);
    return loss;
  }
  LossValues measure(std::span<const Example> examples) { return pass(examples, true); }
  nn::Gradients<float>& gradients() { return gradients_; }
  template <class Visit>
  void tensors(Visit&& visit) {
    nn::visit_tensors(network, visit, "net.");
  }

  nn::Sequential<Layers...> network;

 private:
  LossValues pass(std::span<const Example> examples, bool running) {
    input_.clear();
    target_.clear();
    for (const Example& e : examples) {
      input_.insert(input_.end(), e.x.begin(), e.x.end());
      target_.insert(target_.end(), e.y.begin(), e.y.end());
    }
    plan_.forward({input_.data(), {static_cast<Index>(examples.size()), 1, side, side}}, cache_, running);
    return {loss::MeanSquared<float>{}.value({cache_.output().data, target_.size()}, target_), {}};
  }

  nn::TrainingPlan<float> plan_;
  nn::TrainingCache<float> cache_;
  nn::Gradients<float> gradients_;
  std::vector<float> input_, target_;
};

nn::Conv2d<> conv(int inputs, int outputs) { return {inputs, outputs, 3, {.padding = 1}}; }

auto plain() { return BlurTask(conv(1, 4), nn::ReLU{}, conv(4, 4), nn::ReLU{}, conv(4, 1)); }
auto normed() { return BlurTask(conv(1, 4), nn::BatchNorm2d<>{4}, nn::ReLU{}, conv(4, 4), nn::ReLU{}, conv(4, 1)); }

const TrainerOptions options{.epochs = 2, .steps = 20, .batch = 8, .validation = 8};

/// All tensors after training, and the losses: first and last of the training, and of validation.
template <class Task, class R = OneReplica>
std::vector<float> train(Task task, R replicas = {}) {
  set_threads(1);
  std::vector<float> losses;
  const TrainingHooks hooks{
      .step = [&](const StepRecord& r) { losses.push_back(static_cast<float>(r.loss.total)); },
      .epoch = [&](const EpochRecord& r) { losses.push_back(static_cast<float>(r.validation->total)); }};
  Trainer(task, optim::Sgd<>({.momentum = 0.9}), optim::StepSchedule{.first = 0.02}, options, hooks, replicas).run();
  auto numbers = test::numbers_of(task);
  losses.resize(std::max<std::size_t>(losses.size(), 3));
  for (const std::size_t i : {std::size_t(0), losses.size() - 2, losses.size() - 1}) numbers.push_back(losses[i]);
  return numbers;
}

std::vector<float> floats_of(const std::filesystem::path& path) {
  const std::string bytes = test::read_file(path);
  std::vector<float> numbers(bytes.size() / sizeof(float));
  std::memcpy(numbers.data(), bytes.data(), numbers.size() * sizeof(float));
  return numbers;
}

}  // namespace

// What mpirun starts in the next tests.
TEST_CASE("mpi: one of several processes" * doctest::skip()) {
  const char* const folder = std::getenv("PURSUIT_TEST_FOLDER");
  REQUIRE(folder != nullptr);
  int argc = 0;
  char** argv = nullptr;
  mpi_main(argc, argv, [&](MpiReplicas replicas) {
    const auto write = [&](const std::string& name, const std::vector<float>& numbers) {
      std::ofstream out(std::filesystem::path(folder) / concat(name, replicas.rank()), std::ios::binary);
      out.write(reinterpret_cast<const char*>(numbers.data()), static_cast<std::streamsize>(numbers.size() * 4));
    };
    if (std::getenv("PURSUIT_TEST_FAIL") != nullptr) {
      if (replicas.rank() == 1) throw Error("a process gave up");
      train(plain(), replicas);
    }
    write("plain", train(plain(), replicas));
    write("normed", train(normed(), replicas));
    return 0;
  });
}

namespace {

/// The exit code of two processes under mpirun; -1, with a message, where there is no mpirun.
int run_two(const test::TemporaryFolder& folder, const std::string& environment = {}) {
  if (std::system("command -v mpirun > /dev/null") != 0) {
    MESSAGE("skipped: there is no mpirun");
    return -1;
  }
  const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
  return std::system(concat("PURSUIT_TEST_FOLDER='", folder.path().string(), "' ", environment,
                            " OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 "
                            "OMPI_MCA_rmaps_base_oversubscribe=1 mpirun -n 2 '",
                            self, "' --no-skip '--test-case=mpi: one of several processes' > '",
                            (folder / "output").string(), "' 2>&1")
                         .c_str());
}

}  // namespace

TEST_CASE("mpi: two processes train as one does") {
  const test::TemporaryFolder folder;
  const int status = run_two(folder);
  if (status == -1) return;
  INFO(test::read_file(folder / "output"));
  REQUIRE(status == 0);

  // Without batch norm, examples of a batch know nothing of each other: only the order of sums differs, a unit in the
  // last place (6e-8) of gradients near 1, in 40 steps that momentum makes ten times as long, 0.02 of it each: 5e-7.
  const auto one = train(plain()), two = floats_of(folder / "plain0"), other = floats_of(folder / "plain1");
  REQUIRE(two.size() == one.size());
  REQUIRE(other.size() == one.size());
  float apart = 0;
  for (std::size_t i = 0; i < one.size(); ++i) apart = std::max(apart, std::abs(one[i] - two[i]));
  MESSAGE("without batch norm: ", apart, " apart; loss ", one[one.size() - 3], " to ", one[one.size() - 2]);
  CHECK(apart < 2e-6);
  CHECK(one[one.size() - 2] < 0.5F * one[one.size() - 3]);
  CHECK(std::equal(two.begin(), two.end() - 3, other.begin()));  // the second process hears of no losses

  // With it, each process normalises by the statistics of its own four examples: another training, not a worse one.
  const auto normed_one = train(normed()), normed_two = floats_of(folder / "normed0");
  const auto normed_other = floats_of(folder / "normed1");
  REQUIRE(normed_two.size() == normed_one.size());
  CHECK(std::equal(normed_two.begin(), normed_two.end() - 3, normed_other.begin(), normed_other.end() - 3));
  CHECK(normed_two.back() == doctest::Approx(normed_one.back()).epsilon(0.25));
  CHECK(normed_two.back() != normed_one.back());
}

TEST_CASE("mpi: a process that fails ends the others, with its message") {
  const test::TemporaryFolder folder;
  const int status = run_two(folder, "PURSUIT_TEST_FAIL=1");
  if (status == -1) return;
  CHECK(status != 0);
  CHECK(test::read_file(folder / "output").find("process 1: a process gave up") != std::string::npos);
}
