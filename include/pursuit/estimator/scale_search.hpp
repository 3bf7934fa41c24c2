// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/concepts/state_estimator.hpp>
#include <pursuit/core/features.hpp>
#include <pursuit/core/track.hpp>
#include <pursuit/estimator/localisation.hpp>
#include <pursuit/estimator/scale_ladder.hpp>
#include <pursuit/kernels/peak.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace pursuit::inline v0 {

/// The place of the highest response and the size of the crop that it is in.
///
///     s*      = argmax_s penalty_s max R_s
///     centre += d stride unit_s*                    d: cells from no displacement to the highest of R_s*
///     size   <- (1 - damping) factor_s* size + damping size,      within the limits
///
/// Score   psr / (psr + uncertain_below), with the peak-to-sidelobe ratio psr of the best map (Bolme et al. 2010,
///         section 3.5): 1/2 at the bound below which a target is uncertain.
/// Status  by the same ratio: `uncertain` below one bound, `lost` below another. Where no response is a number the
/// target
///         is lost and keeps its box.
/// With `localisation` the best map is read by Localisation, and score and status are its own; a target that it does
/// not find keeps its box. (ATOM without its box head: visionml/pytracking, multiscale_no_iounet.)
///
/// Ref     Wang et al. 2017 (DCFNet); Li and Zhu 2014 (SAMF).
class ScaleSearch {
 public:
  struct Options {
    int scales = 3;
    double step = 1.0275;
    double penalty = 0.9925;          ///< for each rung away from the present size
    std::vector<double> exponents{};  ///< used in place of -(scales-1)/2 ... (scales-1)/2 where it is not empty
    double damping = 0;               ///< share of the old size that is kept
    bool subcell = false;             ///< the peak between cells, by a parabola through its neighbours
    double smallest = 0.2;            ///< size limits: shares of the first box ...
    double largest = 5;
    double smallest_pixels = 4;     ///< ... and not below this many pixels, nor above the frame
    bool published_limits = false;  ///< width limited by the frame's height and height by its width (DCFNet_pytorch)
    double uncertain_below = 6;     ///< peak-to-sidelobe ratio
    double lost_below = 3;
    std::optional<Localisation::Options> localisation{};  ///< in place of the ratio and of `subcell`
  };

  ScaleSearch() : ScaleSearch(Options{}) {}
  explicit ScaleSearch(const Options& options)
      : options_(options),
        ladder_(options.exponents.empty() ? ScaleLadder(options.scales, options.step, options.penalty)
                                          : ScaleLadder(options.exponents, options.step, options.penalty)) {
    if (options.localisation) localisation_ = Localisation(*options.localisation);
  }

  std::span<const double> scales() const { return ladder_.factors(); }

  TargetState estimate(const ResponseMap<>& response, const TargetState& previous) const {
    const bool wraps = response.origin == ResponseMap<>::Origin::corner;
    std::size_t best = 0;
    kernels::Peak peak{};
    float highest = 0;
    for (std::size_t s = 0; s < ladder_.factors().size(); ++s) {
      const kernels::Peak here = kernels::find_peak(response.values[static_cast<Index>(s)]);
      const float value = here.value * static_cast<float>(ladder_.penalties()[s]);
      if (s == 0 || value > highest) best = s, peak = here, highest = value;
    }
    const auto map = response.values[static_cast<Index>(best)];
    if (options_.localisation) return localised(response, best, previous);
    if (!std::isfinite(peak.value)) {
      TargetState next = previous;
      next.track.score = 0;
      next.track.status = TrackStatus::lost;
      return next;
    }
    Point d{static_cast<double>(peak.col), static_cast<double>(peak.row)};
    if (options_.subcell) {
      const Point part = kernels::refine_peak(map, peak, wraps);
      d.x += part.x;
      d.y += part.y;
    }
    const auto height = static_cast<double>(map.shape[0]), width = static_cast<double>(map.shape[1]);
    if (wraps) {
      if (d.x > width / 2) d.x -= width;
      if (d.y > height / 2) d.y -= height;
    } else {
      d.x -= (width - 1) / 2;
      d.y -= (height - 1) / 2;
    }
    const Crop& crop = response.crops[best];
    TargetState next = previous;
    next.scale = best;
    Point c = crop.middle ? Point{crop.middle->x + 0.5, crop.middle->y + 0.5} : center(previous.track.box);
    c.x += d.x * response.stride * crop.unit_x;
    c.y += d.y * response.stride * crop.unit_y;
    next.track.box = resized(previous, c, best, response);
    const double ratio = std::max(kernels::peak_to_sidelobe(map, peak, wraps), 0.0);
    next.track.score = ratio / (ratio + options_.uncertain_below);
    next.track.status = ratio < options_.lost_below        ? TrackStatus::lost
                        : ratio < options_.uncertain_below ? TrackStatus::uncertain
                                                           : TrackStatus::tracking;
    return next;
  }

 private:
  TargetState localised(const ResponseMap<>& response, std::size_t best, const TargetState& previous) const {
    ResponseMap<> only = response;
    only.values = response.values.slice(static_cast<Index>(best), static_cast<Index>(best) + 1);
    only.crops = response.crops.subspan(best, 1);
    TargetState next = localisation_->locate(only, previous);
    next.scale = best;
    if (next.track.status == TrackStatus::lost) return next;
    next.track.box = resized(previous, center(next.track.box), best, response);
    return next;
  }

  /// The box before around `c`, with the size of the chosen crop.
  Box resized(const TargetState& previous, Point c, std::size_t best, const ResponseMap<>& response) const {
    const double factor = (1 - options_.damping) * ladder_.factors()[best] + options_.damping;
    return box_around(c,
                      limited(previous.track.box.w * factor, previous.first.w,
                              options_.published_limits ? response.frame_height : response.frame_width),
                      limited(previous.track.box.h * factor, previous.first.h,
                              options_.published_limits ? response.frame_width : response.frame_height));
  }

  double limited(double size, double first, int frame) const {
    const double low = std::max(options_.smallest * first, options_.smallest_pixels);
    const double high = std::min(options_.largest * first, static_cast<double>(frame));
    return std::min(std::max(size, low), std::max(high, 1.0));
  }

  Options options_;
  ScaleLadder ladder_;
  std::optional<Localisation> localisation_{};
};

}  // namespace pursuit::inline v0
