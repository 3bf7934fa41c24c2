// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/version.hpp>

namespace pursuit::inline v0::kernels {

/// Floats in one vector register of the machine compiled for; also the block of channels that layouts are made of.
#if defined(__AVX512F__)
inline constexpr int lane_count = 16;
#else
inline constexpr int lane_count = 8;
#endif

/// A register of floats with element-wise arithmetic (a vector of GCC and Clang; narrower machines split it).
typedef float Lanes __attribute__((vector_size(lane_count * sizeof(float)), may_alias));

/// The register's worth of floats at p, which is aligned to the size of a register.
inline const Lanes& lanes(const float* p) { return *reinterpret_cast<const Lanes*>(p); }
inline Lanes& lanes(float* p) { return *reinterpret_cast<Lanes*>(p); }

/// The same at any address of a float. Copies, because clang 14 loses the alignment of a type behind a reference;
/// each is one instruction.
inline void load_loose(const float* p, Lanes& out) { __builtin_memcpy(&out, p, sizeof out); }
inline void store_loose(float* p, const Lanes& v) { __builtin_memcpy(p, &v, sizeof v); }

}  // namespace pursuit::inline v0::kernels
