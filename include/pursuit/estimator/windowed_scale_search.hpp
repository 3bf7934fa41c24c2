// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/concepts/state_estimator.hpp>
#include <pursuit/core/buffer.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/core/features.hpp>
#include <pursuit/core/track.hpp>
#include <pursuit/estimator/scale_ladder.hpp>
#include <pursuit/kernels/peak.hpp>
#include <pursuit/kernels/upsample.hpp>
#include <pursuit/kernels/window.hpp>

#include <algorithm>
#include <cmath>
#include <span>

namespace pursuit::inline v0 {

/// SiamFC's reading of its response maps, which are coarse and whose values have no fixed scale.
///
///     U_s = bicubic upsampling of R_s by `upsampling`;   s* = argmax_s penalty_s max U_s
///     P   = (U_s* - min) / (sum + 1e-16);   Q = (1 - influence) P + influence hann        hann sums to 1
///     centre += (argmax Q - (n-1)/2) * stride / upsampling * unit_s*
///     size   *= 1 - size_rate + size_rate * factor_s*
///
/// Score   1 / (1 + exp(-max U_s*)): the network's own probability that the place shows the exemplar.
/// Status  `uncertain` below a score of `uncertain_below`. Where the highest response is no number the target is `lost`
///         and keeps its box.
/// Ref     Bertinetto et al. 2016, section 3; huanglianghua/siamfc-pytorch.
class WindowedScaleSearch {
 public:
  struct Options {
    int scales = 3;
    double step = 1.0375;
    double penalty = 0.9745;       ///< for every size but the present one
    double influence = 0.176;      ///< of the window
    double size_rate = 0.59;       ///< share of the new size
    int upsampling = 16;           ///< response cells become this many
    double uncertain_below = 0.5;  ///< score
  };

  WindowedScaleSearch() : WindowedScaleSearch(Options{}) {}
  /// Throws Error unless the scales are positive numbers, the window's influence is 0 to 1 and `upsampling` 1 to 256.
  explicit WindowedScaleSearch(const Options& options)
      : options_(options), ladder_(options.scales, options.step, options.penalty) {
    if (options.upsampling < 1 || options.upsampling > 256 || !(options.influence >= 0 && options.influence <= 1))
      throw Error(concat("WindowedScaleSearch: upsampling ", options.upsampling, ", influence ", options.influence,
                         ": need 1 to 256, and 0 to 1"));
  }

  std::span<const double> scales() const { return ladder_.factors(); }

  TargetState estimate(const ResponseMap<>& response, const TargetState& previous) const {
    const Index count = response.values.shape[0];
    const Index height = response.values.shape[1] * options_.upsampling;
    const Index width = response.values.shape[2] * options_.upsampling;
    const auto maps = upsampled_.view(Shape<3>{count, height, width});
    std::size_t best = 0;
    float highest = 0, at_best = 0;
    for (Index s = 0; s < count; ++s) {
      kernels::upsample_bicubic(response.values[s], maps[s]);
      const float top = *std::max_element(maps[s].begin(), maps[s].end());
      const bool same_size = ladder_.factors()[static_cast<std::size_t>(s)] == 1;
      const float value = same_size ? top : top * static_cast<float>(options_.penalty);
      if (s == 0 || value > highest) best = static_cast<std::size_t>(s), highest = value, at_best = top;
    }
    if (!std::isfinite(at_best)) {
      TargetState next = previous;
      next.track.score = 0;
      next.track.status = TrackStatus::lost;
      return next;
    }
    const auto map = maps[static_cast<Index>(best)];
    const Index at = peak_under_window(map);
    const Crop& crop = response.crops[best];
    const double cell = response.stride / options_.upsampling;
    TargetState next = previous;
    next.scale = best;
    Point c = center(previous.track.box);
    c.x += (static_cast<double>(at % width) - static_cast<double>(width - 1) / 2) * cell * crop.unit_x;
    c.y += (static_cast<double>(at / width) - static_cast<double>(height - 1) / 2) * cell * crop.unit_y;
    const double grow = 1 - options_.size_rate + options_.size_rate * ladder_.factors()[best];
    next.track.box = box_around(c, previous.track.box.w * grow, previous.track.box.h * grow);
    next.track.score = 1 / (1 + std::exp(-static_cast<double>(at_best)));
    next.track.status = next.track.score < options_.uncertain_below ? TrackStatus::uncertain : TrackStatus::tracking;
    return next;
  }

 private:
  Index peak_under_window(const TensorView<float, 2>& map) const {
    const auto window = window_.view(map.shape);
    if (window_shape_ != map.shape) {
      kernels::hann(window);
      double sum = 0;
      for (const float w : window) sum += w;
      for (float& w : window) w = static_cast<float>(w / sum);
      window_shape_ = map.shape;
    }
    const float low = *std::min_element(map.begin(), map.end());
    double sum = 0;
    for (const float v : map) sum += v - low;
    const auto share = static_cast<float>((1 - options_.influence) / (sum + 1e-16));
    const auto influence = static_cast<float>(options_.influence);
    for (Index i = 0; i < map.size(); ++i) map.data[i] = (map.data[i] - low) * share + influence * window.data[i];
    return std::max_element(map.begin(), map.end()) - map.begin();
  }

  Options options_;
  ScaleLadder ladder_;
  mutable Buffer<float> upsampled_, window_;
  mutable Shape<2> window_shape_{};
};

}  // namespace pursuit::inline v0
