// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/backbone/mobilenet_v2.hpp>
#include <pursuit/backbone/residual_features.hpp>
#include <pursuit/classifier/online_filter.hpp>
#include <pursuit/estimator/box_regressor.hpp>
#include <pursuit/io/weights.hpp>
#include <pursuit/track/atom_region.hpp>
#include <pursuit/track/tracker.hpp>

#include <cstdint>
#include <utility>
#include <vector>

namespace pursuit::inline v0::zoo {

/// DRNet: ATOM's filter, to which hard samples count for more, and a network that corrects the box in one step.
///
/// ShuaiBai623/DRNet, which has a second filter on the features of another network; this is the copy of one filter in
/// danielism97/CFKD. Of other widths: Danier, "Knowledge Distillation for Discriminative Correlation Filter Trackers",
/// 2020.
template <class Features, int Compressed, BoxHeadShape Head>
struct DrNetOf : Tracker<Features, OnlineFilter<Features::channels, Compressed>, BoxRegressor, AtomRegion> {
  static_assert(Head.coarse == Features::channels && Head.fine == Features::fine_channels,
                "pursuit::zoo::DrNetOf: the box head does not take the levels that the backbone gives");
  using Filter = OnlineFilter<Features::channels, Compressed>;
  using Base = Tracker<Features, Filter, BoxRegressor, AtomRegion>;

  struct Options {
    typename Filter::Options filter{};
    BoxRegressor::Options box{};
    AtomRegion::Options region{};
    std::uint64_t seed = 0;                    ///< of the first frame's views and of where the filter begins
    Precision precision = Precision::float32;  ///< of the networks
  };

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

  /// The tensors that it reads from a file.
  static std::vector<TensorSpec> tensors() {
    std::vector<TensorSpec> all = Features::tensors();
    for (TensorSpec& spec : BoxRegressor::tensors(Head)) all.push_back(std::move(spec));
    return all;
  }

  /// Throws FileError where a tensor is missing or has another shape.
  explicit DrNetOf(const Weights& weights) : DrNetOf(weights, published()) {}
  DrNetOf(const Weights& weights, const Options& o)
      : Base(Features(weights, Features::published_prefix, o.precision), Filter(filter_options(o)),
             BoxRegressor(weights, box_options(o)), AtomRegion(o.region)) {}

 private:
  static typename Filter::Options filter_options(const Options& o) {
    typename Filter::Options filter = o.filter;
    filter.seed = o.seed;
    filter.patch = AtomRegion(o.region).patch();
    return filter;
  }
  static BoxRegressor::Options box_options(const Options& o) {
    BoxRegressor::Options box = o.box;
    box.head = Head;
    box.precision = o.precision;
    return box;
  }
};

using DrNet = DrNetOf<ResidualFeatures<resnet50>, 64, box_head_resnet50>;
/// mDRNet, distilled from DRNet.
using MobileDrNet = DrNetOf<MobileNetV2<mobilenet_v2>, 32, box_head_small>;

}  // namespace pursuit::inline v0::zoo
