// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/version.hpp>

#include <cstddef>
#include <limits>
#include <new>
#include <vector>

namespace pursuit::inline v0 {

/// Memory on 64-byte borders: a cache line, and the widest vector register there is.
template <class T>
struct AlignedAllocator {
  using value_type = T;
  static constexpr std::align_val_t alignment{64};

  AlignedAllocator() = default;
  template <class U>
  AlignedAllocator(const AlignedAllocator<U>&) {}  // NOLINT(google-explicit-constructor): allocators convert

  T* allocate(std::size_t n) {
    if (n > std::numeric_limits<std::size_t>::max() / sizeof(T)) throw std::bad_array_new_length();
    return static_cast<T*>(::operator new(n * sizeof(T), alignment));
  }
  void deallocate(T* p, std::size_t) noexcept { ::operator delete(p, alignment); }

  template <class U>
  struct rebind {
    using other = AlignedAllocator<U>;
  };
  friend bool operator==(const AlignedAllocator&, const AlignedAllocator&) { return true; }
};

/// A flat array on a 64-byte border.
template <class T>
using AlignedVector = std::vector<T, AlignedAllocator<T>>;

}  // namespace pursuit::inline v0
