// SPDX-License-Identifier: MIT
#pragma once

// Counts what a program allocates. Included in one translation unit of a test only: it defines operator new, and malloc
// and its relatives where the C library is glibc, so that what C libraries take is counted too. The sanitizers bring
// their own malloc: there it listens to theirs, and cannot tell who asks.

#include "sanitizer.hpp"

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>

#if defined(__GLIBC__)
#include <dlfcn.h>
#endif

namespace pursuit::test {

/// Blocks of memory that were taken.
struct Allocations {
  long own = 0;      ///< by the program, headers of ours and of others included
  long library = 0;  ///< by oneDNN, FFTW or OpenMP, inside of a call
  long all() const { return own + library; }
};

inline std::atomic<long> own_allocations{0}, library_allocations{0};

/// What any thread of the program takes while `work` runs.
template <class Work>
Allocations allocations(Work&& work) {
  const Allocations before{own_allocations.load(), library_allocations.load()};
  work();
  return {own_allocations.load() - before.own, library_allocations.load() - before.library};
}

/// Whether `own` and `library` are told apart here; else everything counts as `own`.
inline constexpr bool allocations_have_owners =
#if defined(__GLIBC__) && !defined(PURSUIT_TEST_SANITIZER)
    true;
#else
    false;
#endif

#ifndef PURSUIT_TEST_SANITIZER

/// Counts one block for whoever `caller` belongs to.
inline void count_allocation(const void* caller) {
#if defined(__GLIBC__)
  Dl_info where{};
  if (dladdr(caller, &where) != 0 && where.dli_fname != nullptr)
    for (const char* library : {"libdnnl", "libfftw", "libgomp", "libomp"})
      if (std::strstr(where.dli_fname, library) != nullptr) {
        library_allocations.fetch_add(1, std::memory_order_relaxed);
        return;
      }
#endif
  own_allocations.fetch_add(1, std::memory_order_relaxed);
}

#endif

}  // namespace pursuit::test

#ifdef PURSUIT_TEST_SANITIZER

extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*)(const volatile void*, std::size_t),
                                                         void (*)(const volatile void*));
namespace pursuit::test {
inline const int hooks_installed = __sanitizer_install_malloc_and_free_hooks(
    [](const volatile void*, std::size_t) { own_allocations.fetch_add(1, std::memory_order_relaxed); },
    [](const volatile void*) {});
}  // namespace pursuit::test

#else

#if defined(__GLIBC__)

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);

void* malloc(std::size_t n) {
  pursuit::test::count_allocation(__builtin_return_address(0));
  return __libc_malloc(n);
}
void* calloc(std::size_t n, std::size_t size) {
  pursuit::test::count_allocation(__builtin_return_address(0));
  return __libc_calloc(n, size);
}
void* realloc(void* p, std::size_t n) {
  pursuit::test::count_allocation(__builtin_return_address(0));
  return __libc_realloc(p, n);
}
void* memalign(std::size_t alignment, std::size_t n) {
  pursuit::test::count_allocation(__builtin_return_address(0));
  return __libc_memalign(alignment, n);
}
void* aligned_alloc(std::size_t alignment, std::size_t n) {
  pursuit::test::count_allocation(__builtin_return_address(0));
  return __libc_memalign(alignment, n);
}
int posix_memalign(void** p, std::size_t alignment, std::size_t n) {
  pursuit::test::count_allocation(__builtin_return_address(0));
  *p = __libc_memalign(alignment, n);
  return *p == nullptr ? 12 /* ENOMEM */ : 0;
}
void free(void* p) { __libc_free(p); }
}
#define PURSUIT_TEST_TAKE(n) __libc_malloc(n)
#define PURSUIT_TEST_TAKE_ALIGNED(alignment, n) __libc_memalign(alignment, n)

#else
#define PURSUIT_TEST_TAKE(n) std::malloc((n) == 0 ? 1 : (n))
#define PURSUIT_TEST_TAKE_ALIGNED(alignment, n) \
  std::aligned_alloc(alignment, ((n) + (alignment)-1) / (alignment) * (alignment))
#endif

// operator new is here too, because malloc would see libstdc++ as the one who asks.
void* operator new(std::size_t n) {
  pursuit::test::count_allocation(__builtin_return_address(0));
  if (void* p = PURSUIT_TEST_TAKE(n)) return p;
  throw std::bad_alloc();
}
void* operator new[](std::size_t n) {
  pursuit::test::count_allocation(__builtin_return_address(0));
  if (void* p = PURSUIT_TEST_TAKE(n)) return p;
  throw std::bad_alloc();
}
void* operator new(std::size_t n, std::align_val_t alignment) {
  pursuit::test::count_allocation(__builtin_return_address(0));
  if (void* p = PURSUIT_TEST_TAKE_ALIGNED(static_cast<std::size_t>(alignment), n)) return p;
  throw std::bad_alloc();
}
void* operator new[](std::size_t n, std::align_val_t alignment) {
  pursuit::test::count_allocation(__builtin_return_address(0));
  if (void* p = PURSUIT_TEST_TAKE_ALIGNED(static_cast<std::size_t>(alignment), n)) return p;
  throw std::bad_alloc();
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete[](void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }

#endif
