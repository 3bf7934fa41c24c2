// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>

#include <cstddef>

#ifdef _OPENMP
#include <omp.h>
#endif

namespace pursuit::inline v0 {

/// How many threads the kernels of the calling thread may use.
inline int threads() {
#ifdef _OPENMP
  return omp_get_max_threads();
#else
  return 1;
#endif
}

/// Sets threads(). Throws Error unless n is 1 to 1024. Without OpenMP only 1 has an effect.
inline void set_threads(int n) {
  if (n < 1 || n > 1024) throw Error(concat("set_threads: ", n, " threads: need 1 to 1024"));
#ifdef _OPENMP
  omp_set_num_threads(n);
#endif
}

/// Calls body(i, worker) for each i of [0, count), shared by so many workers; `worker` is below that. One worker is the
/// calling thread, and OpenMP is not asked: it would take memory for a team. Pre: body does not throw.
template <class Body>
void parallel_for([[maybe_unused]] int workers, std::ptrdiff_t count, Body&& body) {
#ifdef _OPENMP
  if (workers > 1) {
#pragma omp parallel for num_threads(workers)
    for (std::ptrdiff_t i = 0; i < count; ++i) body(i, omp_get_thread_num());
    return;
  }
#endif
  for (std::ptrdiff_t i = 0; i < count; ++i) body(i, 0);
}

/// Calls body(i) for each i of [0, count), shared by as many threads as there may be.
template <class Body>
void parallel_for(std::ptrdiff_t count, Body&& body) {
  parallel_for(threads(), count, [&](std::ptrdiff_t i, int) { body(i); });
}

}  // namespace pursuit::inline v0
