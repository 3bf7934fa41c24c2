// SPDX-License-Identifier: MIT
#include "small_tasks.hpp"

#include "support/bytes.hpp"
#include "support/temporary_folder.hpp"

#include <pursuit/optim/schedule.hpp>
#include <pursuit/optim/sgd.hpp>
#include <pursuit/train/trainer.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <barrier>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <thread>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

using namespace pursuit;
using test::LineTask;
using test::numbers_of;

namespace {

/// Where the threads of a test meet.
struct Meeting {
  explicit Meeting(int count) : parts(static_cast<std::size_t>(count)), barrier(count) {}
  std::vector<std::span<float>> parts;
  std::vector<float> mean;
  std::barrier<> barrier;
};

/// A thread that trains as if it were a process.
struct ThreadReplica {
  Meeting* meeting;
  int own;

  int rank() const { return own; }
  int count() const { return static_cast<int>(meeting->parts.size()); }
  void average(std::span<float> values) const {
    meeting->parts[static_cast<std::size_t>(own)] = values;
    meeting->barrier.arrive_and_wait();
    if (own == 0) {
      meeting->mean.assign(values.size(), 0);
      for (const auto& part : meeting->parts)
        for (std::size_t i = 0; i < part.size(); ++i) meeting->mean[i] += part[i];
      for (float& v : meeting->mean) v /= static_cast<float>(count());
    }
    meeting->barrier.arrive_and_wait();
    std::copy(meeting->mean.begin(), meeting->mean.end(), values.begin());
    meeting->barrier.arrive_and_wait();
  }
};

static_assert(Replicas<ThreadReplica>);
static_assert(Replicas<OneReplica>);

const TrainerOptions options{.epochs = 4, .steps = 25, .batch = 6, .validation = 7, .seed = 5, .loaders = 1};

template <class R = OneReplica>
TrainingResult train(LineTask& task, const TrainerOptions& o, TrainingHooks hooks = {}, R replica = {}) {
  return Trainer(task, optim::Sgd<>({.momentum = 0.5}), optim::StepSchedule{.first = 0.02}, o, std::move(hooks),
                 replica)
      .run();
}

/// Trains `tasks` together. Returns what each threw.
template <std::size_t N>
std::array<std::string, N> train_together(std::array<LineTask, N>& tasks, const TrainerOptions& o,
                                          std::array<TrainingHooks, N> hooks = {}) {
  Meeting meeting(static_cast<int>(N));
  std::array<std::string, N> messages;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < N; ++i)
    threads.emplace_back([&, i] {
      messages[i] = test::message_of<Error>([&] {
        train(tasks[i], o, hooks[i], ThreadReplica{&meeting, static_cast<int>(i)});
      });
    });
  for (auto& thread : threads) thread.join();
  return messages;
}

}  // namespace

TEST_CASE("replicas: several share a batch and end with the same bits, which are one's but for rounding") {
  LineTask one;
  std::vector<EpochRecord> expected, epochs;
  train(one, options, {.epoch = [&](const EpochRecord& r) { expected.push_back(r); }});
  const auto reference = numbers_of(one);
  const auto agrees = [&](auto& tasks) {
    epochs.clear();
    std::array<TrainingHooks, std::tuple_size_v<std::remove_reference_t<decltype(tasks)>>> hooks;
    for (auto& h : hooks) h.epoch = [&](const EpochRecord& r) { epochs.push_back(r); };  // that of the first is called
    for (const auto& message : train_together(tasks, options, hooks)) CHECK(message == "");
    for (auto& task : tasks) {
      CHECK(task.learned == 100);
      CHECK(numbers_of(task) == numbers_of(tasks[0]));
    }
    // Sums in another order: a few units in the last place of numbers up to 5, and descent does not make them grow.
    const auto numbers = numbers_of(tasks[0]);
    for (std::size_t i = 0; i < numbers.size(); ++i) CHECK(std::abs(numbers[i] - reference[i]) < 5e-6);
    REQUIRE(epochs.size() == 4);
    for (std::size_t i = 0; i < 4; ++i) {
      CHECK(epochs[i].training.total == doctest::Approx(expected[i].training.total).epsilon(1e-5));
      CHECK(epochs[i].validation->total == doctest::Approx(expected[i].validation->total).epsilon(1e-5));
      CHECK(epochs[i].validation->parts[1].second == doctest::Approx(expected[i].validation->parts[1].second));
    }
  };
  std::array<LineTask, 2> two;
  agrees(two);
  std::array<LineTask, 3> three;
  agrees(three);
}

TEST_CASE("replicas: what one asks for ends all, and they go on together") {
  const test::TemporaryFolder folder;
  TrainerOptions o = options;
  std::array<LineTask, 2> whole, first, second;
  train_together(whole, o);
  o.folder = folder.path();
  std::array<TrainingHooks, 2> hooks;
  hooks[1].stop = [n = 0]() mutable { return ++n == 30; };
  CHECK(train_together(first, o, hooks)[0] == "");
  CHECK(first[0].learned == 30);
  CHECK(first[1].learned == 30);
  train_together(second, o);
  CHECK(second[1].learned == 70);
  CHECK(numbers_of(second[0]) == numbers_of(whole[0]));
  CHECK(numbers_of(second[1]) == numbers_of(whole[0]));

  LineTask alone;
  CHECK(test::message_of<Error>([&] { train(alone, o); }).find("another number of processes (2, now 1)") !=
        std::string::npos);
}

TEST_CASE("replicas: none ends before the first has written its files") {
  const test::TemporaryFolder folder;
  TrainerOptions o = options;
  o.epochs = 1;
  o.folder = folder.path();
  std::atomic<bool> written = false, seen = false;
  std::array<LineTask, 2> tasks;
  Meeting meeting(2);
  std::thread other([&] {
    train(tasks[1], o, {}, ThreadReplica{&meeting, 1});
    seen = written.load();
  });
  const TrainingHooks slow{.epoch = [&](const EpochRecord&) {  // called after the epoch's files
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    written = true;
  }};
  train(tasks[0], o, slow, ThreadReplica{&meeting, 0});
  other.join();
  CHECK(seen);
}

TEST_CASE("replicas: a gradient that is no number in one ends all") {
  std::array<LineTask, 2> tasks;
  tasks[1].spoiled = 3;
  for (const auto& message : train_together(tasks, options))
    CHECK(message == "Trainer: step 3 (epoch 1): the gradient of line.bias is not finite");
}

TEST_CASE("replicas: those that begin differently, or cannot share evenly, do not begin") {
  std::array<LineTask, 3> tasks;
  tasks[1].line.bias(0) = 1e-7F;
  for (const auto& message : train_together(tasks, options))
    CHECK(message == "Trainer: the processes begin with different weights, optimisers or steps");
  TrainerOptions o = options;
  o.batch = 7;
  for (const auto& message : train_together(tasks, o))
    CHECK(message == "Trainer: 3 processes cannot share a batch of 7 evenly");
}
