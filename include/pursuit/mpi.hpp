// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>
#include <pursuit/train/replicas.hpp>

#include <mpi.h>

#include <cstddef>
#include <cstdio>
#include <exception>
#include <limits>
#include <span>

namespace pursuit::inline v0 {

/// The processes that mpirun started, as the replicas of one training run:
///
///     int main(int argc, char** argv) {
///       return pursuit::mpi_main(argc, argv, [&](pursuit::MpiReplicas replicas) {
///         Task task(...);  // the same weights in every process
///         Trainer(task, optimizer, schedule, options, {}, replicas).run();
///         return 0;
///       });
///     }
///
/// Each step is one MPI_Allreduce of the gradients, with losses and batch norm's statistics behind them.
class MpiReplicas {
 public:
  /// Pre: MPI is initialised.
  explicit MpiReplicas(MPI_Comm processes = MPI_COMM_WORLD) : processes_(processes) {
    MPI_Comm_rank(processes_, &rank_);
    MPI_Comm_size(processes_, &count_);
  }

  int rank() const { return rank_; }
  int count() const { return count_; }
  /// Throws Error for more than 2^31 - 1 numbers, which MPI cannot count.
  void average(std::span<float> values) const {
    if (values.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
      throw Error(
          concat("MpiReplicas: ", values.size(), " numbers at once: MPI counts to ", std::numeric_limits<int>::max()));
    MPI_Allreduce(MPI_IN_PLACE, values.data(), static_cast<int>(values.size()), MPI_FLOAT, MPI_SUM, processes_);
    const auto n = static_cast<float>(count_);
    for (float& v : values) v /= n;
  }

 private:
  MPI_Comm processes_;
  int rank_ = 0;
  int count_ = 1;
};

static_assert(Replicas<MpiReplicas>);

/// Runs body(MpiReplicas) between MPI's begin and end and returns its result, for main() to return. An exception is
/// written to standard error and ends all processes: the others would wait for this one for ever.
template <class Body>
int mpi_main(int& argc, char**& argv, Body&& body) {
  int threads = 0;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &threads);  // threads that load data call nothing of MPI
  int code = 1;
  try {
    code = body(MpiReplicas());
  } catch (const std::exception& e) {
    int rank = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    std::fprintf(stderr, "process %d: %s\n", rank, e.what());
    MPI_Abort(MPI_COMM_WORLD, 1);
  }
  MPI_Finalize();
  return code;
}

}  // namespace pursuit::inline v0
