// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/check/rendered.hpp>
#include <pursuit/data/frame_source.hpp>

#include <cstddef>
#include <optional>
#include <utility>

namespace pursuit::inline v0::check {

/// A rendered sequence as a source of frames.
class RenderedFrames final : public FrameSource {
 public:
  /// Throws Error as RenderedSequence.
  explicit RenderedFrames(Scene scene) : sequence_(std::move(scene)) {}

  bool next(SourceFrame& frame) override {
    if (next_ == sequence_.size()) return false;
    frame.image = sequence_.frame(next_++);
    frame.error.clear();
    return true;
  }
  std::optional<std::size_t> size() const override { return static_cast<std::size_t>(sequence_.size()); }
  const RenderedSequence& sequence() const { return sequence_; }

 private:
  RenderedSequence sequence_;
  int next_ = 0;
};

}  // namespace pursuit::inline v0::check
