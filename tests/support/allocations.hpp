// SPDX-License-Identifier: MIT
#pragma once

// Counts what a program allocates. Included in one translation unit of a test only: it defines malloc and its
// relatives where the C library is glibc, so that what C libraries take is counted too; under the address and thread
// sanitizers, which bring their own malloc, it listens to theirs; elsewhere it counts operator new.

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define PURSUIT_TEST_SANITIZER_MALLOC
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define PURSUIT_TEST_SANITIZER_MALLOC
#endif
#endif

namespace pursuit::test {

inline std::atomic<long> allocations_made{0};

/// How many blocks of memory any thread of the program took while `work` ran.
template <class Work>
long allocations(Work&& work) {
  const long before = allocations_made.load();
  work();
  return allocations_made.load() - before;
}

}  // namespace pursuit::test

#ifdef PURSUIT_TEST_SANITIZER_MALLOC

extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*)(const volatile void*, std::size_t),
                                                         void (*)(const volatile void*));
namespace pursuit::test {
inline const int hooks_installed = __sanitizer_install_malloc_and_free_hooks(
    [](const volatile void*, std::size_t) { allocations_made.fetch_add(1, std::memory_order_relaxed); },
    [](const volatile void*) {});
}  // namespace pursuit::test

#elif defined(__GLIBC__)

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);

void* malloc(std::size_t n) {
  pursuit::test::allocations_made.fetch_add(1, std::memory_order_relaxed);
  return __libc_malloc(n);
}
void* calloc(std::size_t n, std::size_t size) {
  pursuit::test::allocations_made.fetch_add(1, std::memory_order_relaxed);
  return __libc_calloc(n, size);
}
void* realloc(void* p, std::size_t n) {
  pursuit::test::allocations_made.fetch_add(1, std::memory_order_relaxed);
  return __libc_realloc(p, n);
}
void* memalign(std::size_t alignment, std::size_t n) {
  pursuit::test::allocations_made.fetch_add(1, std::memory_order_relaxed);
  return __libc_memalign(alignment, n);
}
void* aligned_alloc(std::size_t alignment, std::size_t n) { return memalign(alignment, n); }
int posix_memalign(void** p, std::size_t alignment, std::size_t n) {
  *p = memalign(alignment, n);
  return *p == nullptr ? 12 /* ENOMEM */ : 0;
}
void free(void* p) { __libc_free(p); }
}

#else

void* operator new(std::size_t n) {
  pursuit::test::allocations_made.fetch_add(1, std::memory_order_relaxed);
  if (void* p = std::malloc(n == 0 ? 1 : n)) return p;
  throw std::bad_alloc();
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }

#endif
