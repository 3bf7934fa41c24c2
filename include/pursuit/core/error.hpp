// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/version.hpp>

#include <array>
#include <cstddef>
#include <sstream>
#include <stdexcept>
#include <string>

namespace pursuit::inline v0 {

/// What the library throws. The message says where, what came and what was needed.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Tensor shapes that do not fit each other or the operation.
class ShapeError : public Error {
 public:
  using Error::Error;
};

/// A file that cannot be read or is not what it claims to be. The message begins with the file's path.
class FileError : public Error {
 public:
  using Error::Error;
};

namespace detail {

template <class T>
void put(std::ostream& out, const T& value) {
  out << value;
}
template <class T, std::size_t N>
void put(std::ostream& out, const std::array<T, N>& shape) {
  out << '(';
  for (std::size_t i = 0; i < N; ++i) out << (i ? "," : "") << shape[i];
  out << ')';
}

}  // namespace detail

/// One string of all arguments; an array (a shape) is written as (2,3,4).
template <class... Args>
std::string concat(const Args&... args) {
  std::ostringstream out;
  (detail::put(out, args), ...);
  return out.str();
}

}  // namespace pursuit::inline v0
