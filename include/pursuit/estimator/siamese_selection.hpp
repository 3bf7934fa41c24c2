// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/buffer.hpp>
#include <pursuit/core/features.hpp>
#include <pursuit/core/track.hpp>
#include <pursuit/kernels/window.hpp>
#include <pursuit/track/pysot_region.hpp>

#include <algorithm>
#include <cmath>

namespace pursuit::inline v0 {

/// Which of a Siamese head's boxes becomes the new state, and how much of it.
///
///     s(w, h)   = sqrt((w + p) (h + p)),  p = (w + h) / 2;       f(r) = max(r, 1 / r)
///     punish    = exp(-penalty (f(aspect / aspect before) f(s / s before) - 1))
///     best      = argmax (1 - influence) punish score + influence hann
///     rate_best = rate punish score;     size = (1 - rate_best) size before + rate_best size
///     centre   += displacement of the best box
///
/// The centre then is clipped to the frame, the size to [smallest, frame].
///
/// Score   that of the best place, before punishment and window.
/// Status  `uncertain` below a score of `uncertain_below`, `lost` below `lost_below` and then until above
///         `found_above`.
/// Ref     Li et al. 2018, section 4.3; STVIR/pysot.
class SiameseSelection {
 public:
  struct Options {
    double penalty = 0.138;    ///< for change of size and aspect ratio
    double influence = 0.455;  ///< of the window
    double rate = 0.348;       ///< of the size
    double smallest = 10;      ///< width and height, pixels of the frame
    double uncertain_below = 0.5;
    double lost_below = 0.2;
    /// Long-term tracking: once lost, found again only above this score; while lost, the box is not moved, and the
    /// window has an influence of its own.
    bool hold_when_lost = false;
    double found_above = 0;
    double lost_influence = 0.001;
    bool first_between_pixels = true;  ///< see PysotRegion::center_of()
  };

  SiameseSelection() = default;
  explicit SiameseSelection(const Options& options) : options_(options) {}

  const Options& options() const { return options_; }

  /// A box of the head: centre relative to the patch's, and size, in pixels of the patch.
  struct Proposal {
    float x, y, w, h;
  };

  /// Scores are those of one crop (A, H, W) with its A H W boxes in the same order.
  TargetState select(const ResponseMap<>& response, const Proposal* proposals, const TargetState& previous) const {
    const Index height = response.values.shape[1], width = response.values.shape[2], cells = height * width;
    const auto window = window_.view(Shape<2>{height, width});
    if (window_shape_ != window.shape) {
      kernels::hann(window);
      window_shape_ = window.shape;
    }
    const bool was_lost = previous.track.status == TrackStatus::lost;
    const double influence = options_.hold_when_lost && was_lost ? options_.lost_influence : options_.influence;
    const Point c = PysotRegion::center_of(previous, options_.first_between_pixels);
    const Crop& crop = response.crops.front();
    const Box& before = previous.track.box;
    const double size_before = padded_side(before.w / crop.unit_x, before.h / crop.unit_y);
    const double aspect_before = (before.w / crop.unit_x) / (before.h / crop.unit_y);
    const float* scores = response.values.data;
    Index best = 0;
    double highest = -1, punish_best = 0;
    for (Index i = 0; i < response.values.size(); ++i) {
      const Proposal& p = proposals[i];
      const double change = either_way(padded_side(p.w, p.h) / size_before) * either_way(aspect_before * p.h / p.w);
      const double punish = std::exp(-(change - 1) * options_.penalty);
      const double value = punish * scores[i] * (1 - influence) + window.data[i % cells] * influence;
      if (value > highest) best = i, highest = value, punish_best = punish;
    }
    const Proposal& p = proposals[best];
    const double score = scores[best], rate = punish_best * score * options_.rate;
    const double frame_width = response.frame_width, frame_height = response.frame_height;
    TargetState next = previous;
    next.scale = 0;
    next.track.score = score;
    const bool lost = score < options_.lost_below || (was_lost && score <= options_.found_above);
    next.track.status = lost                               ? TrackStatus::lost
                        : score < options_.uncertain_below ? TrackStatus::uncertain
                                                           : TrackStatus::tracking;
    if (options_.hold_when_lost && score < options_.lost_below) return next;
    next.track.box = box_around(
        {std::clamp(c.x + p.x * crop.unit_x, 0.0, frame_width), std::clamp(c.y + p.y * crop.unit_y, 0.0, frame_height)},
        std::max(options_.smallest, std::min(before.w * (1 - rate) + p.w * crop.unit_x * rate, frame_width)),
        std::max(options_.smallest, std::min(before.h * (1 - rate) + p.h * crop.unit_y * rate, frame_height)));
    return next;
  }

 private:
  static double padded_side(double w, double h) {
    const double p = (w + h) / 2;
    return std::sqrt((w + p) * (h + p));
  }
  static double either_way(double ratio) { return std::max(ratio, 1 / ratio); }

  Options options_{};
  mutable Buffer<float> window_;
  mutable Shape<2> window_shape_{};
};

}  // namespace pursuit::inline v0
