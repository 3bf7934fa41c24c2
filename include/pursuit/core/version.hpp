// SPDX-License-Identifier: MIT
#pragma once

// The version of these headers. All names live in the inline namespace pursuit::v0, so that two versions of
// the library in one program do not mix silently.
#define PURSUIT_VERSION_MAJOR 0
#define PURSUIT_VERSION_MINOR 1
#define PURSUIT_VERSION_PATCH 0
#define PURSUIT_VERSION (PURSUIT_VERSION_MAJOR * 10000 + PURSUIT_VERSION_MINOR * 100 + PURSUIT_VERSION_PATCH)
#define PURSUIT_VERSION_STRING "0.1.0"

namespace pursuit::inline v0 {

/// The version as "major.minor.patch".
inline constexpr const char* version = PURSUIT_VERSION_STRING;

}  // namespace pursuit::inline v0
