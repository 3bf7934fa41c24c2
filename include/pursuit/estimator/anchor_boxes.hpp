// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/concepts/state_estimator.hpp>
#include <pursuit/core/buffer.hpp>
#include <pursuit/estimator/siamese_selection.hpp>
#include <pursuit/nn/exemplar_plan.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <span>

namespace pursuit::inline v0 {

/// Boxes of five shapes that stand on every cell of a response map.
struct Anchors {
  static constexpr std::size_t count = 5;
  int stride = 8;  ///< pixels of the patch from one cell to the next
  double scale = 8;
  std::array<double, count> ratios{0.33, 0.5, 1, 2, 3};  ///< height / width

  struct Size {
    float w, h;  ///< pixels of the patch
  };
  /// Width and height are cut to whole numbers before they are scaled, as the published code does.
  Size size(std::size_t i) const {
    const double w = std::floor(std::sqrt(stride * stride / ratios[i])), h = std::floor(w * ratios[i]);
    return {static_cast<float>(w * scale), static_cast<float>(h * scale)};
  }
};

/// The box branch of a Siamese head with anchors (a, of width w_a and height h_a, at x_a, y_a): for each of them how to
/// change it.
///
///     x = x_a + dx w_a,  y = y_a + dy h_a,  w = w_a exp(dw),  h = h_a exp(dh)
///     x_a = stride (j - floor(W / 2)),  y_a = stride (i - floor(H / 2))           pixels of the patch
///
/// One of the boxes becomes the new state: see siamese_selection.hpp. To be used with a SiameseHead and a PysotRegion.
///
/// Shapes  exemplar (1, C, h, w), search (1, C, H, W) -> answer (1, 4 A, H', W'): dx of all A anchors, dy, dw, dh; the
///         response (A, H', W').
/// Branch  the layers: see nn/exemplar_plan.hpp.
/// Ref     Li et al. 2018 (SiamRPN); STVIR/pysot.
template <class Branch>
class AnchorBoxes {
 public:
  AnchorBoxes(const Branch& branch, int channels, const SiameseSelection::Options& options = {},
              const Anchors& anchors = {}, Precision precision = Precision::float32)
      : plan_(branch, channels, precision), selection_(options), anchors_(anchors) {}

  std::span<const double> scales() const { return scales_; }

  void init(const Sample<>& first) { plan_.init(first.features.top().values.slice(0, 1)); }

  TargetState estimate(const ResponseMap<>& response, const FeatureMaps<>& features,
                       const TargetState& previous) const {
    const auto answer = plan_.run(features.top().values);
    const Shape<3>& shape = response.values.shape;
    require_shape("AnchorBoxes", "answer", answer.shape, {1, 4 * shape[0], shape[1], shape[2]});
    const Index count = response.values.size();
    return select(response, previous, [&](Index i, const SiameseSelection::Proposal& anchor) {
      const float* at = answer.data + i;
      return SiameseSelection::Proposal{anchor.x + at[0] * anchor.w, anchor.y + at[count] * anchor.h,
                                        anchor.w * std::exp(at[2 * count]), anchor.h * std::exp(at[3 * count])};
    });
  }

  /// Without features the anchors are the boxes.
  TargetState estimate(const ResponseMap<>& response, const TargetState& previous) const {
    return select(response, previous, [](Index, const SiameseSelection::Proposal& anchor) { return anchor; });
  }

 private:
  template <class Change>
  TargetState select(const ResponseMap<>& response, const TargetState& previous, const Change& change) const {
    const Index height = response.values.shape[1], width = response.values.shape[2];
    auto* const proposals = proposals_.view(response.values.shape).data;
    Index i = 0;
    for (Index a = 0; a < response.values.shape[0]; ++a) {
      const Anchors::Size size = anchors_.size(static_cast<std::size_t>(a) % Anchors::count);
      for (Index y = 0; y < height; ++y)
        for (Index x = 0; x < width; ++x, ++i)
          proposals[i] = change(i, {static_cast<float>((x - width / 2) * anchors_.stride),
                                    static_cast<float>((y - height / 2) * anchors_.stride), size.w, size.h});
    }
    return selection_.select(response, proposals, previous);
  }

  static constexpr std::array<double, 1> scales_{1.0};

  mutable nn::ExemplarPlan<Branch> plan_;
  SiameseSelection selection_;
  Anchors anchors_;
  mutable Buffer<SiameseSelection::Proposal> proposals_;
};

}  // namespace pursuit::inline v0
