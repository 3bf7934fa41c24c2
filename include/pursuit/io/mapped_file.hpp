// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <span>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pursuit::inline v0 {

/// The bytes of a file, read-only, through mmap: pages are read when they are touched and shared between processes.
/// The file must not shrink while it is mapped; a replaced file (rename) is safe.
class MappedFile {
 public:
  /// Throws FileError where the path is not a regular file that can be read. An empty file is an empty span.
  explicit MappedFile(const std::filesystem::path& path) {
    // O_NONBLOCK: a named pipe must not make us wait for its writer.
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) fail(path, "cannot be opened", errno);
    struct stat info {};
    if (::fstat(file, &info) != 0) {
      const int why = errno;
      ::close(file);
      fail(path, "cannot be examined", why);
    }
    if (!S_ISREG(info.st_mode)) {
      ::close(file);
      throw FileError(
          concat(path.string(), ": is ", S_ISDIR(info.st_mode) ? "a folder" : "not a regular file", ": need a file"));
    }
    const auto size = static_cast<std::size_t>(info.st_size);
    void* data = size > 0 ? ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0) : nullptr;
    const int why = errno;
    ::close(file);
    if (data == MAP_FAILED) fail(path, "cannot be mapped into memory", why);
    bytes_ = {static_cast<const std::byte*>(data), size};
  }
  MappedFile(MappedFile&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  MappedFile& operator=(MappedFile&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~MappedFile() {
    if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
  }

  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  [[noreturn]] static void fail(const std::filesystem::path& path, const char* what, int why) {
    throw FileError(concat(path.string(), ": ", what, " (", std::strerror(why), ")"));
  }

  std::span<const std::byte> bytes_;
};

}  // namespace pursuit::inline v0
