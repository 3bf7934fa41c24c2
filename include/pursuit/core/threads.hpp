// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>

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

/// The number of the calling thread among those of a parallel region.
inline int thread_number() {
#ifdef _OPENMP
  return omp_get_thread_num();
#else
  return 0;
#endif
}

/// Sets threads(). Throws Error unless n is 1 to 1024. Without OpenMP only 1 has an effect.
inline void set_threads(int n) {
  if (n < 1 || n > 1024) throw Error(concat("set_threads: ", n, " threads: need 1 to 1024"));
#ifdef _OPENMP
  omp_set_num_threads(n);
#endif
}

}  // namespace pursuit::inline v0
