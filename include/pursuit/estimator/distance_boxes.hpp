// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/concepts/state_estimator.hpp>
#include <pursuit/core/buffer.hpp>
#include <pursuit/estimator/siamese_selection.hpp>
#include <pursuit/nn/exemplar_plan.hpp>

#include <array>
#include <cmath>
#include <span>

namespace pursuit::inline v0 {

/// The box branch of a Siamese head without anchors: for each place its distances to the four sides of the target.
///
///     (l, t, r, b) = exp(answer)           pixels of the patch
///     box          = (x - l, y - t, x + r, y + b),   x = stride (j - floor(W / 2)),  y = stride (i - floor(H / 2))
///
/// One of the boxes becomes the new state: see siamese_selection.hpp. To be used with a SiameseHead and a PysotRegion.
///
/// Shapes  exemplar (1, C, h, w), search (1, C, H, W) -> answer (1, 4, H', W'), the response having as many cells.
/// Branch  the layers: see nn/exemplar_plan.hpp.
/// Ref     Tian et al. 2019 (FCOS); Chen et al. 2020 (SiamBAN); HonglinChu/SiamTrackers (NanoTrack).
template <class Branch>
class DistanceBoxes {
 public:
  DistanceBoxes(const Branch& branch, int channels, const SiameseSelection::Options& options = {},
                Precision precision = Precision::float32)
      : plan_(branch, channels, precision), selection_(options) {}

  std::span<const double> scales() const { return scales_; }

  void init(const Sample<>& first) { plan_.init(first.features.top().values.slice(0, 1)); }

  TargetState estimate(const ResponseMap<>& response, const FeatureMaps<>& features,
                       const TargetState& previous) const {
    const auto answer = plan_.run(features.top().values);
    const Index height = answer.shape[2], width = answer.shape[3], cells = height * width;
    require_shape("DistanceBoxes", "response", response.values.shape, {1, height, width});
    auto* const proposals = proposals_.view(Shape<1>{cells}).data;
    for (Index i = 0; i < height; ++i)
      for (Index j = 0; j < width; ++j) {
        const float* at = answer.data + i * width + j;
        const float l = std::exp(at[0]), t = std::exp(at[cells]), r = std::exp(at[2 * cells]),
                    b = std::exp(at[3 * cells]);
        proposals[i * width + j] = {offset(j, width, response) + (r - l) / 2, offset(i, height, response) + (b - t) / 2,
                                    l + r, t + b};
      }
    return selection_.select(response, proposals, previous);
  }

  /// Without features the size stays.
  TargetState estimate(const ResponseMap<>& response, const TargetState& previous) const {
    const Index height = response.values.shape[1], width = response.values.shape[2];
    auto* const proposals = proposals_.view(Shape<1>{height * width}).data;
    const Crop& crop = response.crops.front();
    for (Index i = 0; i < height; ++i)
      for (Index j = 0; j < width; ++j)
        proposals[i * width + j] = {offset(j, width, response), offset(i, height, response),
                                    static_cast<float>(previous.track.box.w / crop.unit_x),
                                    static_cast<float>(previous.track.box.h / crop.unit_y)};
    return selection_.select(response, proposals, previous);
  }

 private:
  static float offset(Index cell, Index cells, const ResponseMap<>& response) {
    return static_cast<float>(static_cast<double>(cell - cells / 2) * response.stride);
  }

  static constexpr std::array<double, 1> scales_{1.0};

  mutable nn::ExemplarPlan<Branch> plan_;
  SiameseSelection selection_;
  mutable Buffer<SiameseSelection::Proposal> proposals_;
};

}  // namespace pursuit::inline v0
