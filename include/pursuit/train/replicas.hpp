// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/version.hpp>

#include <concepts>
#include <span>

namespace pursuit::inline v0 {

/// Processes that train one network together, each on its share of every batch.
///
///   rank(), count()   which of how many this process is, from 0
///   average(values)   replaces each number by its mean over all processes, with the same bits in each of them; all of
///                     them call it, in the same order and with equally many numbers
template <class R>
concept Replicas = requires(R& replicas, std::span<float> values) {
  { replicas.rank() } -> std::convertible_to<int>;
  { replicas.count() } -> std::convertible_to<int>;
  replicas.average(values);
};

/// A process that trains alone.
struct OneReplica {
  static constexpr int rank() { return 0; }
  static constexpr int count() { return 1; }
  static void average(std::span<float>) {}
};

}  // namespace pursuit::inline v0
