// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>
#include <pursuit/core/tensor_view.hpp>

#include <cstddef>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <tuple>
#include <utility>

namespace pursuit::inline v0::kernels::cpu::detail {

/// FFTW's planner keeps global state: one thread at a time may make or destroy plans. Never destroyed, so that
/// plans may outlive the end of main().
inline std::mutex& fftw_planner() {
  static std::mutex& mutex = *new std::mutex;
  return mutex;
}

/// Throws ShapeError naming `where` unless FFTW, which counts in int, can transform the batch.
inline void require_plannable(const char* where, const Shape<3>& shape) {
  constexpr double most = std::numeric_limits<int>::max();
  if (shape[0] < 1 || shape[1] < 1 || shape[2] < 1 ||
      static_cast<double>(shape[0]) * static_cast<double>(shape[1]) * static_cast<double>(shape[2]) > most)
    throw ShapeError(concat(where, ": batch is ", shape, ": need sides of at least 1 and at most ", most, " cells"));
}

/// The plans of the process, Plans(batch, h, w, options...), made at the first use of a size. Sizes come from tracker
/// settings, so they are few; a program that uses ever new ones starts over at `most`, and plans still in use live on
/// in their owners. Throws Error naming `where` if FFTW has no plan.
template <class Plans, class... Options>
std::shared_ptr<const Plans> kept_plans(const char* where, const Shape<3>& shape, Options... options) {
  using Cache = std::map<std::tuple<Shape<3>, Options...>, std::shared_ptr<const Plans>>;
  constexpr std::size_t most = 256;
  static std::mutex& mutex = *new std::mutex;
  static Cache& cache = *new Cache;
  Cache dropped;  // destroyed after the lock is gone
  const std::lock_guard lock(mutex);
  const std::tuple<Shape<3>, Options...> key(shape, options...);
  if (const auto found = cache.find(key); found != cache.end()) return found->second;
  auto made = std::make_shared<const Plans>(shape, options...);
  if (!made->complete()) throw Error(concat(where, ": FFTW makes no plan for ", shape));
  if (cache.size() == most) dropped.swap(cache);
  return cache[key] = std::move(made);
}

}  // namespace pursuit::inline v0::kernels::cpu::detail
