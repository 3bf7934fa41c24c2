// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/backbone/mobilenet_v2.hpp>
#include <pursuit/backbone/residual_features.hpp>
#include <pursuit/classifier/online_filter.hpp>
#include <pursuit/estimator/iou_net.hpp>
#include <pursuit/io/weights.hpp>
#include <pursuit/track/atom_region.hpp>
#include <pursuit/track/tracker.hpp>

#include <cstdint>
#include <utility>
#include <vector>

namespace pursuit::inline v0::zoo {

/// ATOM: a filter on few channels, learned while tracking, says where the target is; a network that predicts the
/// overlap of boxes says how large it is.
///
/// Danelljan et al.: "ATOM: Accurate Tracking by Overlap Maximization", CVPR 2019. Of other widths: Danier, "Knowledge
/// Distillation for Discriminative Correlation Filter Trackers", 2020.
template <class Features, int Compressed, BoxHeadShape Head>
struct AtomOf : Tracker<Features, OnlineFilter<Features::channels, Compressed>, IouNet, AtomRegion> {
  static_assert(Head.coarse == Features::channels && Head.fine == Features::fine_channels,
                "pursuit::zoo::AtomOf: the box head does not take the levels that the backbone gives");
  using Filter = OnlineFilter<Features::channels, Compressed>;
  using Base = Tracker<Features, Filter, IouNet, AtomRegion>;

  struct Options {
    typename Filter::Options filter{};
    IouNet::Options box{};
    AtomRegion::Options region{};
    std::uint64_t seed = 0;  ///< of the first frame's views, of where the filter begins, and of the boxes' jitter
    Precision precision = Precision::float32;  ///< of the networks
  };

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

  /// The tensors that it reads from a file.
  static std::vector<TensorSpec> tensors() {
    std::vector<TensorSpec> all = Features::tensors();
    for (TensorSpec& spec : IouNet::tensors(Head)) all.push_back(std::move(spec));
    return all;
  }

  /// Throws FileError where a tensor is missing or has another shape.
  explicit AtomOf(const Weights& weights) : AtomOf(weights, published()) {}
  AtomOf(const Weights& weights, const Options& o)
      : Base(Features(weights, Features::published_prefix, o.precision), Filter(filter_options(o)),
             IouNet(weights, box_options(o)), AtomRegion(o.region)) {}

 private:
  static typename Filter::Options filter_options(const Options& o) {
    typename Filter::Options filter = o.filter;
    filter.seed = o.seed;
    filter.patch = AtomRegion(o.region).patch();
    return filter;
  }
  static IouNet::Options box_options(const Options& o) {
    IouNet::Options box = o.box;
    box.head = Head;
    box.seed = o.seed;
    box.precision = o.precision;
    return box;
  }
};

using Atom = AtomOf<ResidualFeatures<resnet18>, 64, box_head_resnet18>;
/// mATOM, distilled from ATOM.
using MobileAtom = AtomOf<MobileNetV2<mobilenet_v2>, 32, box_head_small>;

}  // namespace pursuit::inline v0::zoo
