// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/backbone/mobilenet_v2.hpp>
#include <pursuit/backbone/residual_features.hpp>
#include <pursuit/estimator/box_regressor.hpp>
#include <pursuit/io/weights.hpp>
#include <pursuit/zoo/filter_tracker.hpp>

namespace pursuit::inline v0::zoo {

/// DRNet: ATOM's filter, to which hard samples count for more, and a network that corrects the box in one step.
///
/// ShuaiBai623/DRNet, which has a second filter on the features of another network; this is the copy of one filter in
/// danielism97/CFKD. Of other widths: Danier, "Knowledge Distillation for Discriminative Correlation Filter Trackers",
/// 2020.
template <class Features, int Compressed, BoxHeadShape Head>
struct DrNetOf : detail::BoxHeadTracker<Features, Compressed, BoxRegressor, Head> {
  using Options = typename DrNetOf::BoxHeadTracker::Options;

  /// The published settings, made for VOT: a target is never lost.
  static Options vot() {
    Options o;
    o.region.patch = 320;
    o.region.padding = 5.5;
    o.filter.label_sigma = 1.0 / 3;
    o.filter.hard_samples = 1;
    o.filter.rate = 0.0075;
    o.filter.hard_rate = 0.0075;
    o.filter.first_minimum = 0;
    o.filter.first_steps = 10;
    o.filter.window = true;
    o.box.localisation.not_found_below = -1;
    o.box.localisation.distractor = 100;
    o.box.localisation.hard_negative = 0.3;
    o.box.localisation.reach = 0.9;
    return o;
  }
  static Options published() { return vot(); }
  /// For box heads that were trained on little data: boxes follow a part of what the network says.
  static Options steady() {
    Options o = vot();
    o.box.step_position = 0.5;
    o.box.step_size = 0.02;
    return o;
  }

  /// Throws FileError where a tensor is missing or has another shape.
  explicit DrNetOf(const Weights& weights) : DrNetOf(weights, published()) {}
  DrNetOf(const Weights& weights, const Options& o) : DrNetOf::BoxHeadTracker(weights, o) {}
};

using DrNet = DrNetOf<ResidualFeatures<resnet50>, 64, box_head_resnet50>;
/// mDRNet, distilled from DRNet.
using MobileDrNet = DrNetOf<MobileNetV2<mobilenet_v2>, 32, box_head_small>;
/// On ResNet-18 with a quarter of the channels.
using DrNetSmall = DrNetOf<ResidualFeatures<resnet18_small>, 64, box_head_small>;

}  // namespace pursuit::inline v0::zoo
