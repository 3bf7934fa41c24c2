// SPDX-License-Identifier: MIT
#pragma once

// PURSUIT_TEST_SANITIZER is defined where a sanitizer watches the program's memory: all is slower then, and memory that
// is given back is kept for a while.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define PURSUIT_TEST_SANITIZER
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define PURSUIT_TEST_SANITIZER
#endif
#endif
