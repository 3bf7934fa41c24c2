// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/tensor_view.hpp>

#include <cmath>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace pursuit::inline v0::kernels::cpu {

/// v[i] = sqrt(v[i]). Compilers do not vectorise std::sqrt, which may have to set errno.
inline void square_roots(float* v, Index n) {
  Index i = 0;
#if defined(__AVX__)
  for (; i + 8 <= n; i += 8) _mm256_storeu_ps(v + i, _mm256_sqrt_ps(_mm256_loadu_ps(v + i)));
#elif defined(__SSE2__)
  for (; i + 4 <= n; i += 4) _mm_storeu_ps(v + i, _mm_sqrt_ps(_mm_loadu_ps(v + i)));
#endif
  for (; i < n; ++i) v[i] = std::sqrt(v[i]);
}

}  // namespace pursuit::inline v0::kernels::cpu
