// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pursuit::inline v0 {

/// Replaces `bytes` by the whole file; takes memory only where the file is longer than any before it.
/// Throws FileError where the file is missing, not a regular file, unreadable, or longer than `max_bytes`.
inline void read_bytes(const std::filesystem::path& file, std::vector<std::uint8_t>& bytes,
                       std::size_t max_bytes = std::numeric_limits<std::size_t>::max()) {
  std::error_code problem;
  const auto size = std::filesystem::file_size(file, problem);
  if (problem) throw FileError(concat(file.string(), ": ", problem.message()));
  if (size > max_bytes)
    throw FileError(concat(file.string(), ": ", size, " bytes: the limit is ", max_bytes, " bytes"));
  std::filebuf in;
  in.pubsetbuf(nullptr, 0);  // one read into place needs no buffer
  if (!in.open(file, std::ios::in | std::ios::binary))
    throw FileError(concat(file.string(), ": cannot be opened: ", std::strerror(errno)));
  bytes.resize(static_cast<std::size_t>(size));
  const auto got = in.sgetn(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
  bytes.resize(static_cast<std::size_t>(got));
}

/// The whole of a text file, without a byte order mark. Throws FileError as read_bytes().
inline std::string read_text(const std::filesystem::path& file, std::size_t max_bytes = std::size_t{1} << 28) {
  std::vector<std::uint8_t> bytes;
  read_bytes(file, bytes, max_bytes);
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return std::string(text);
}

/// Throws FileError where the file cannot be created or the disk is full.
inline void write_bytes(const std::filesystem::path& file, std::span<const std::uint8_t> bytes) {
  std::ofstream out(file, std::ios::binary);
  if (!out) throw FileError(concat(file.string(), ": cannot be written: ", std::strerror(errno)));
  out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (!out) throw FileError(concat(file.string(), ": writing failed: ", std::strerror(errno)));
}

}  // namespace pursuit::inline v0
