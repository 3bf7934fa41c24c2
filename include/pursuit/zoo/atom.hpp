// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/backbone/mobilenet_v2.hpp>
#include <pursuit/backbone/residual_features.hpp>
#include <pursuit/estimator/iou_net.hpp>
#include <pursuit/io/weights.hpp>
#include <pursuit/zoo/filter_tracker.hpp>

namespace pursuit::inline v0::zoo {

/// ATOM: a filter on few channels, learned while tracking, says where the target is; a network that predicts the
/// overlap of boxes says how large it is.
///
/// Danelljan et al.: "ATOM: Accurate Tracking by Overlap Maximization", CVPR 2019. Of other widths: Danier, "Knowledge
/// Distillation for Discriminative Correlation Filter Trackers", 2020.
template <class Features, int Compressed, BoxHeadShape Head>
struct AtomOf : detail::BoxHeadTracker<Features, Compressed, IouNet, Head> {
  using Options = typename AtomOf::BoxHeadTracker::Options;

  /// The settings that the paper's figures were made with.
  static Options published() { return {}; }
  /// The published ones for VOT: a smaller region, a window, first samples that may be replaced, and a target is never
  /// lost.
  static Options vot() {
    Options o;
    o.region.patch = 224;
    o.region.padding = 4;
    o.filter.rate = 0.0075;
    o.filter.first_minimum = 0;
    o.filter.window = true;
    o.box.localisation.not_found_below = -1;
    o.box.localisation.distractor = 100;
    o.box.localisation.hard_negative = 0.3;
    o.box.localisation.reach = 0.7;
    return o;
  }

  /// For networks that were trained on little data. The overlap has its maximum beside the target: sizes follow it
  /// slowly, and no box is preferred. Features change more with the target: new samples weigh twice as much.
  static Options steady() {
    Options o;
    o.filter.rate = 0.02;
    o.box.refinement = {.jitter_position = 0.05,
                        .jitter_size = 0.1,
                        .space = BoxRefinement::Space::relative,
                        .step_position = 0.01,
                        .step_size = 0.002,
                        .best = 10};
    return o;
  }

  /// Throws FileError where a tensor is missing or has another shape.
  explicit AtomOf(const Weights& weights) : AtomOf(weights, published()) {}
  AtomOf(const Weights& weights, const Options& o) : AtomOf::BoxHeadTracker(weights, o) {}
};

using Atom = AtomOf<ResidualFeatures<resnet18>, 64, box_head_resnet18>;
/// mATOM, distilled from ATOM.
using MobileAtom = AtomOf<MobileNetV2<mobilenet_v2>, 32, box_head_small>;
/// On ResNet-18 with half, a quarter and an eighth of the channels.
using AtomMedium = AtomOf<ResidualFeatures<resnet18_medium>, 64, box_head_medium>;
using AtomSmall = AtomOf<ResidualFeatures<resnet18_small>, 64, box_head_small>;
using AtomTiny = AtomOf<ResidualFeatures<resnet18_tiny>, 32, box_head_tiny>;

}  // namespace pursuit::inline v0::zoo
