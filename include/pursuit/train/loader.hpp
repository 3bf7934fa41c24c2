// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace pursuit::inline v0 {

/// Makes examples in background threads and hands them out in order.
///
/// Example number i is make(i), whichever thread makes it and whenever, so what comes out depends on neither the number
/// of threads nor their luck. At most `ahead` examples lie ready or are being made.
template <class Example>
class Loader {
 public:
  using Make = std::function<Example(std::uint64_t index)>;

  /// Begins with example `first`. `make` is called from all threads at a time; without threads (0), from next().
  /// Throws Error unless there are 0 to 256 threads and `ahead` is at least 1.
  Loader(Make make, std::uint64_t first, int threads, int ahead)
      : make_(std::move(make)), wanted_(first), begun_(first) {
    if (threads < 0 || threads > 256 || ahead < 1)
      throw Error(concat("Loader: ", threads, " threads, ", ahead, " ahead: need 0 to 256, and at least 1"));
    slots_.resize(static_cast<std::size_t>(ahead));
    try {
      for (int t = 0; t < threads; ++t) threads_.emplace_back([this] { work(); });
    } catch (...) {
      stop();
      throw;
    }
  }
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;
  /// Waits for the examples that are being made.
  ~Loader() { stop(); }

  /// The next n examples. Throws what make() threw for one of them; so does every call after that.
  std::vector<Example> next(int n) {
    std::vector<Example> examples;
    examples.reserve(static_cast<std::size_t>(n > 0 ? n : 0));
    for (int i = 0; i < n; ++i) examples.push_back(threads_.empty() ? make_next() : take_next());
    return examples;
  }

 private:
  struct Slot {
    std::optional<Example> example;
    std::exception_ptr error;
  };

  Example make_next() {
    Example example = make_(wanted_);
    ++wanted_;
    return example;
  }

  Example take_next() {
    std::unique_lock lock(mutex_);
    Slot& slot = slots_[wanted_ % slots_.size()];
    made_.wait(lock, [&] { return slot.example || slot.error; });
    if (slot.error) std::rethrow_exception(slot.error);
    Example example = std::move(*slot.example);
    slot.example.reset();
    ++wanted_;
    lock.unlock();
    taken_.notify_one();
    return example;
  }

  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      taken_.wait(lock, [&] { return stopped_ || begun_ < wanted_ + slots_.size(); });
      if (stopped_) return;
      const std::uint64_t index = begun_++;
      lock.unlock();
      Slot result;
      try {
        result.example.emplace(make_(index));
      } catch (...) {
        result.error = std::current_exception();
      }
      lock.lock();
      slots_[index % slots_.size()] = std::move(result);
      made_.notify_one();
    }
  }

  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    taken_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  Make make_;
  std::mutex mutex_;
  std::condition_variable made_, taken_;
  std::vector<Slot> slots_;  // example i lies in slot i mod their number
  std::uint64_t wanted_;     // the first example that was not handed out
  std::uint64_t begun_;      // the first example that no thread has begun
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace pursuit::inline v0
