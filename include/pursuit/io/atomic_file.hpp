// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <span>
#include <string>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace pursuit::inline v0 {

/// A file that appears whole or not at all: bytes go to a temporary file in the same folder, which commit() syncs to
/// the disk and renames to `path`. Without commit() the temporary file is removed and an older `path` stays as it was.
class AtomicFile {
 public:
  /// Throws FileError where the folder cannot be written to, or where `path` is a folder, a device or a pipe: a rename
  /// would put the file in its place.
  explicit AtomicFile(std::filesystem::path path) : path_(std::move(path)) {
    std::error_code problem;
    const auto there = std::filesystem::status(path_, problem);
    if (std::filesystem::exists(there) && !std::filesystem::is_regular_file(there))
      throw FileError(concat(path_.string(), ": cannot be written (",
                             std::filesystem::is_directory(there) ? "a folder" : "not a regular file", " is there)"));
    static std::atomic<unsigned> counter{0};
    do {  // a killed process leaves its file, and process numbers come again
      temporary_ = path_;
      temporary_ += concat(".tmp-", ::getpid(), "-", counter++);
      file_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    } while (file_ < 0 && errno == EEXIST);
    if (file_ < 0) fail("cannot be written", errno);
  }
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile() {
    if (file_ >= 0) ::close(file_);
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
  }

  /// Appends. Throws FileError where the disk is full or fails.
  void write(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const ssize_t done = ::write(file_, bytes.data(), bytes.size());
      if (done < 0 && errno == EINTR) continue;
      if (done < 0) fail("cannot be written", errno);
      bytes = bytes.subspan(static_cast<std::size_t>(done));
    }
  }
  void write(const std::string& text) { write(std::as_bytes(std::span(text))); }

  /// Makes `path` this file. Throws FileError where the disk is full or fails.
  void commit() {
    const int synced = ::fsync(file_);
    const int why = errno;
    const int closed = ::close(std::exchange(file_, -1));
    if (synced != 0) fail("cannot be written", why);
    if (closed != 0) fail("cannot be written", errno);
    if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail("cannot be put in place", errno);
    temporary_.clear();
    // The new name is on the disk once its folder is. Some file systems cannot sync a folder; the file is whole there
    // too.
    const auto folder = path_.has_parent_path() ? path_.parent_path() : std::filesystem::path(".");
    if (const int entry = ::open(folder.c_str(), O_RDONLY | O_CLOEXEC); entry >= 0) {
      ::fsync(entry);
      ::close(entry);
    }
  }

 private:
  [[noreturn]] void fail(const char* what, int why) const {
    throw FileError(concat(path_.string(), ": ", what, " (", std::strerror(why), ")"));
  }

  std::filesystem::path path_;
  std::filesystem::path temporary_;
  int file_ = -1;
};

}  // namespace pursuit::inline v0
