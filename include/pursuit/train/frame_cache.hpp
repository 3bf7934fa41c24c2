// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/image.hpp>
#include <pursuit/io/image_file.hpp>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace pursuit::inline v0 {

/// Pictures by number, decoded when they are first asked for and kept while there is room. Pictures are asked for at
/// random, so none is worth more than another: what came first stays.
///
/// get() and notes() may be called from any number of threads; add() may not be called beside them.
class FrameCache {
 public:
  /// `bytes`: of decoded pixels that are kept. Pictures given in memory stay and do not count.
  explicit FrameCache(std::size_t bytes = std::size_t{1} << 30, const ImageLimits& limits = {})
      : room_(bytes), limits_(limits) {}

  /// The number of a picture in a file.
  std::size_t add(std::filesystem::path file) {
    entries_.push_back({std::move(file), nullptr, false});
    return entries_.size() - 1;
  }
  std::size_t add(Image image) {
    entries_.push_back({{}, std::make_shared<const Image>(std::move(image)), false});
    return entries_.size() - 1;
  }
  std::size_t size() const { return entries_.size(); }

  /// Picture i; null where it cannot be read, which is tried once and noted. Pre: i < size().
  std::shared_ptr<const Image> get(std::size_t i) const {
    Entry& entry = entries_[i];
    {
      const std::lock_guard lock(*mutex_);
      if (entry.image || entry.bad) return entry.image;
    }
    std::shared_ptr<const Image> image;
    std::string problem;
    try {
      image = std::make_shared<const Image>(load_image(entry.file, limits_));
    } catch (const Error& e) {
      problem = e.what();
    }
    const std::lock_guard lock(*mutex_);
    if (entry.image || entry.bad) return entry.image;  // another thread was faster
    if (!image) {
      entry.bad = true;
      notes_.push_back(std::move(problem));
      return nullptr;
    }
    const std::size_t bytes =
        static_cast<std::size_t>(image->width()) * static_cast<std::size_t>(image->height()) * image->channels();
    if (bytes <= room_) {
      room_ -= bytes;
      entry.image = image;
    }
    return image;
  }

  /// What is wrong with each picture that could not be read.
  std::vector<std::string> notes() const {
    const std::lock_guard lock(*mutex_);
    return notes_;
  }

 private:
  struct Entry {
    std::filesystem::path file;
    std::shared_ptr<const Image> image;
    bool bad = false;
  };

  std::unique_ptr<std::mutex> mutex_ = std::make_unique<std::mutex>();  // a cache can be moved
  mutable std::vector<Entry> entries_;
  mutable std::vector<std::string> notes_;
  mutable std::size_t room_;
  ImageLimits limits_;
};

}  // namespace pursuit::inline v0
