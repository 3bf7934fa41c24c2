// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/concepts/classifier.hpp>
#include <pursuit/core/buffer.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/nn/exemplar_plan.hpp>

#include <cmath>

namespace pursuit::inline v0 {

/// The class branch of a Siamese head: for each place of the search region, the probability that it is the target's.
///
///     response = exp(a_1) / (exp(a_0) + exp(a_1)),   a_0 and a_1 the branch's answers for "background" and "target"
///
/// Shapes  exemplar (1, Channels, h, w), search (N, Channels, H, W) -> response (N A, H', W'), no displacement at cell
///         H'/2, W'/2 (halves rounded down). The branch gives 2 A maps for each crop, A anchors' backgrounds first.
/// Branch  the layers: see nn/exemplar_plan.hpp.
/// Ref     Li et al. 2018 (SiamRPN); HonglinChu/SiamTrackers (NanoTrack).
template <class Branch, int Channels>
class SiameseHead {
 public:
  static constexpr int channels = Channels;

  /// Layers with their weights; `stride` is that of the answer, pixels of the patch.
  SiameseHead(const Branch& branch, double stride, Precision precision = Precision::float32)
      : plan_(branch, Channels, precision), stride_(stride) {}

  void init(const Sample<>& first) { plan_.init(first.features.top().values.slice(0, 1)); }

  ResponseMap<> respond(const FeatureMaps<>& features) {
    const auto answer = plan_.run(features.top().values);
    const Index crops = answer.shape[0], anchors = answer.shape[1] / 2, cells = answer.shape[2] * answer.shape[3];
    const auto response = response_.view(Shape<3>{crops * anchors, answer.shape[2], answer.shape[3]});
    for (Index n = 0; n < crops; ++n) {
      const float* background = answer.data + n * 2 * anchors * cells;
      const float* target = background + anchors * cells;
      float* out = response.data + n * anchors * cells;
      for (Index i = 0; i < anchors * cells; ++i) out[i] = 1 / (1 + std::exp(background[i] - target[i]));
    }
    return {.values = response, .stride = stride_, .origin = ResponseMap<>::Origin::middle};
  }

 protected:
  nn::ExemplarPlan<Branch> plan_;
  double stride_;
  Buffer<float> response_;
};

}  // namespace pursuit::inline v0
