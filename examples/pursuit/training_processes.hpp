// SPDX-License-Identifier: MIT
#pragma once

#include "commands.hpp"

#include <pursuit/train/replicas.hpp>

#ifdef PURSUIT_PROGRAM_WITH_MPI
#include <pursuit/mpi.hpp>
#endif

#include <cstdlib>
#include <initializer_list>

// `mpirun -n 4 pursuit train ...`: four processes that share each batch.

/// Whether mpirun (Open MPI's, MPICH's) or a batch system started this process together with others.
inline bool started_with_others() {
  for (const char* count : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"})
    if (const char* text = std::getenv(count); text != nullptr && std::atoi(text) > 1) return true;
  return false;
}

/// Whether this process writes files and speaks.
inline bool is_first_process() {
  for (const char* rank : {"OMPI_COMM_WORLD_RANK", "PMI_RANK"})
    if (const char* text = std::getenv(rank); text != nullptr && std::atoi(text) > 0) return false;
  return true;
}

/// body(), between MPI's begin and end where there are others. Throws UsageError where there are, and the program was
/// built without MPI: they would all write the same files.
template <class Body>
void run_with_others(Body&& body) {
  if (!started_with_others()) return body();
#ifdef PURSUIT_PROGRAM_WITH_MPI
  int none = 0;
  char** nothing = nullptr;
  pursuit::mpi_main(none, nothing, [&](const pursuit::MpiReplicas&) {
    body();
    return 0;
  });
#else
  throw UsageError("several processes were started, but this program was built without MPI (PURSUIT_WITH_MPI=ON)");
#endif
}

/// body(replicas): those of run_with_others(), or one that is alone.
template <class Body>
auto with_replicas(Body&& body) {
#ifdef PURSUIT_PROGRAM_WITH_MPI
  if (started_with_others()) return body(pursuit::MpiReplicas());
#endif
  return body(pursuit::OneReplica());
}
