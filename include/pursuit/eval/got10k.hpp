// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/box.hpp>
#include <pursuit/core/error.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace pursuit::inline v0 {

/// The part of a box inside a frame, by the rule of the GOT-10k toolkit: the corner is moved into the frame, then the
/// size is cut; so a box that begins left of the frame is moved, not cut, there.
inline Box clip_to_frame(const Box& b, int width, int height) {
  const double x = std::clamp(b.x, 0.0, static_cast<double>(width));
  const double y = std::clamp(b.y, 0.0, static_cast<double>(height));
  return {x, y, std::clamp(b.w, 0.0, width - x), std::clamp(b.h, 0.0, height - y)};
}

/// Average overlap and success rates of GOT-10k. All frames of all sequences and runs are one pool, so a long sequence
/// counts more than a short one. Ref: Huang et al. 2019.
class Got10kScore {
 public:
  /// Adds one run. The first frame is not compared; of the others those with `cover` above 0, or all where `cover` is
  /// empty. Boxes are clipped to the frame of width x height pixels. Throws Error where lengths differ.
  void add(std::span<const Box> predicted, std::span<const Box> truth, std::span<const std::uint8_t> cover, int width,
           int height) {
    if (predicted.size() != truth.size() || (!cover.empty() && cover.size() != truth.size()))
      throw Error(concat("Got10kScore: ", predicted.size(), " boxes, ", truth.size(), " true ones, ", cover.size(),
                         " covers: need as many of each"));
    for (std::size_t f = 1; f < truth.size(); ++f) {
      if (!cover.empty() && cover[f] == 0) continue;
      const double overlap = iou(clip_to_frame(predicted[f], width, height), clip_to_frame(truth[f], width, height));
      sum_ += overlap;
      above_half_ += overlap > 0.5;
      above_three_quarters_ += overlap > 0.75;
      for (std::size_t t = 0; t < above_.size(); ++t) above_[t] += overlap > static_cast<double>(t) * 0.01;
      ++frames_;
    }
  }

  std::size_t frames() const { return frames_; }
  double average_overlap() const { return share(sum_); }
  double success_rate50() const { return share(above_half_); }
  double success_rate75() const { return share(above_three_quarters_); }
  /// Share of frames with IoU > t, t = 0, 0.01, ..., 1.
  std::array<double, 101> curve() const {
    std::array<double, 101> shares{};
    std::transform(above_.begin(), above_.end(), shares.begin(), [&](double n) { return share(n); });
    return shares;
  }

 private:
  double share(double n) const { return frames_ > 0 ? n / static_cast<double>(frames_) : 0; }

  std::array<double, 101> above_{};
  double sum_ = 0;
  double above_half_ = 0;
  double above_three_quarters_ = 0;
  std::size_t frames_ = 0;
};

}  // namespace pursuit::inline v0
