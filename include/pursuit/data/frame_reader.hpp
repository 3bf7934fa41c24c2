// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/data/sequence.hpp>
#include <pursuit/io/image_file.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace pursuit::inline v0 {

/// Frames of a sequence in any order, as protocols ask for them. The sequence must live as long.
class FrameReader {
 public:
  explicit FrameReader(const Sequence& sequence, const ImageLimits& limits = {})
      : sequence_(&sequence), reader_(limits) {}

  /// The view of frame i, valid until the next call; without data where the frame cannot be read, with the reason in
  /// errors().
  ImageView operator()(std::size_t i) {
    try {
      return reader_.read(sequence_->frames.at(i));
    } catch (const Error& e) {
      errors_.emplace_back(e.what());
      return {};
    }
  }
  const std::vector<std::string>& errors() const { return errors_; }

 private:
  const Sequence* sequence_;
  ImageReader reader_;
  std::vector<std::string> errors_;
};

}  // namespace pursuit::inline v0
