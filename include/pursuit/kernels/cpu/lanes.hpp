// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/version.hpp>

#if defined(__AVX__)
#include <immintrin.h>
#endif

namespace pursuit::inline v0::kernels {

/// Floats in one vector register of the machine compiled for; also the block of channels that layouts are made of.
/// (The macro is for tests: without AVX it makes layouts those of AVX-512.)
#if defined(__AVX512F__) || (defined(PURSUIT_SIXTEEN_LANES) && !defined(__AVX__))
inline constexpr int lane_count = 16;
#else
inline constexpr int lane_count = 8;
#endif

/// A register of floats with element-wise arithmetic (a vector of GCC and Clang; narrower machines split it).
typedef float Lanes __attribute__((vector_size(lane_count * sizeof(float)), may_alias));

/// A register of other numbers.
template <class T>
struct LanesOf;
template <>
struct LanesOf<float> {
  using type = Lanes;
};
template <>
struct LanesOf<double> {
  typedef double type __attribute__((vector_size(lane_count * sizeof(float)), may_alias));
};

/// The register's worth of floats at p, which is aligned to the size of a register.
inline const Lanes& lanes(const float* p) { return *reinterpret_cast<const Lanes*>(p); }
inline Lanes& lanes(float* p) { return *reinterpret_cast<Lanes*>(p); }

/// sum + a b, rounded once where the machine can. By name, because GCC splits what it finds by itself into a product
/// and a sum when it compiles for Zen.
[[gnu::always_inline]] inline void add_product(Lanes& sum, const Lanes& a, const Lanes& b) {
#if defined(__AVX512F__)
  sum = _mm512_fmadd_ps(a, b, sum);
#elif defined(__FMA__)
  sum = _mm256_fmadd_ps(a, b, sum);
#else
  sum += a * b;
#endif
}

/// v = max(v, low) and min(v, high): one instruction, which GCC does not find in a choice.
[[gnu::always_inline]] inline void at_least(Lanes& v, const Lanes& low) {
#if defined(__AVX512F__)
  v = _mm512_maskz_max_ps(0xFFFF, v, low);  // not max_ps, of which GCC 12 warns
#elif defined(__AVX__)
  v = _mm256_max_ps(v, low);
#else
  v = v > low ? v : low;
#endif
}
[[gnu::always_inline]] inline void at_most(Lanes& v, const Lanes& high) {
#if defined(__AVX512F__)
  v = _mm512_maskz_min_ps(0xFFFF, v, high);
#elif defined(__AVX__)
  v = _mm256_min_ps(v, high);
#else
  v = v < high ? v : high;
#endif
}

/// Makes a register of what was loaded: else GCC loads it again for each product it is part of.
[[gnu::always_inline]] inline void keep(Lanes& v) {
#if defined(__AVX512F__)
  asm("" : "+v"(v));
#elif defined(__AVX__)
  asm("" : "+x"(v));
#else
  static_cast<void>(v);
#endif
}

/// The same at any address of a float. Copies, because clang 14 loses the alignment of a type behind a reference;
/// each is one instruction.
inline void load_loose(const float* p, Lanes& out) { __builtin_memcpy(&out, p, sizeof out); }
inline void store_loose(float* p, const Lanes& v) { __builtin_memcpy(p, &v, sizeof v); }

}  // namespace pursuit::inline v0::kernels
