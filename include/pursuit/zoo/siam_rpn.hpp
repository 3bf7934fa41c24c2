// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/backbone/alexnet.hpp>
#include <pursuit/backbone/siamese_resnet.hpp>
#include <pursuit/classifier/siamese_head.hpp>
#include <pursuit/core/precision.hpp>
#include <pursuit/estimator/anchor_boxes.hpp>
#include <pursuit/io/weights.hpp>
#include <pursuit/nn/parameters.hpp>
#include <pursuit/track/pysot_region.hpp>
#include <pursuit/track/tracker.hpp>
#include <pursuit/zoo/siam_rpn_branch.hpp>

#include <string>
#include <utility>
#include <vector>

namespace pursuit::inline v0::zoo {

namespace detail {

/// A branch of a region proposal head with its weights.
template <class Branch>
Branch loaded(Branch branch, const Weights& weights, const std::string& prefix) {
  nn::load(branch, weights, prefix);
  return branch;
}

template <class Features, class Branch>
using RpnTracker = Tracker<Features, SiameseHead<Branch, Features::channels>, AnchorBoxes<Branch>, PysotRegion>;

/// The tensors of a backbone and of both branches.
template <class Branch>
std::vector<TensorSpec> rpn_tensors(std::vector<TensorSpec> all, Branch classes, Branch boxes,
                                    const std::string& prefix) {
  for (Branch* branch : {&classes, &boxes})
    for (TensorSpec& spec : nn::tensor_specs(*branch, prefix)) all.push_back(std::move(spec));
  return all;
}

}  // namespace detail

/// SiamRPN++: a ResNet-50 at stride 8, whose last three stages each compare the search region with the exemplar channel
/// by channel and vote on classes and changes of anchors. Nothing is learned online.
///
/// Li et al.: "SiamRPN++: Evolution of Siamese Visual Tracking with Very Deep Networks", 2019; STVIR/pysot,
/// siamrpn_r50_l234_dwxcorr.
template <SiameseNeck Neck = siamese_neck, ResNetShape Shape = siamese_resnet50>
struct SiamRpnPPOf : detail::RpnTracker<SiameseResNet<Neck, Shape>, DepthwiseRpnBranch> {
  using Features = SiameseResNet<Neck, Shape>;
  using Base = detail::RpnTracker<Features, DepthwiseRpnBranch>;

  struct Options {
    SiameseSelection::Options selection{.penalty = 0.05, .influence = 0.42, .rate = 0.38};
    PysotRegion::Options region{};
    bool weighted = true;                      ///< learned weights of the three levels; otherwise their mean
    Precision precision = Precision::float32;  ///< of the networks
  };
  /// siamrpn_r50_l234_dwxcorr_otb.
  static constexpr Options otb() {
    return {.selection = {.penalty = 0.24, .influence = 0.50, .rate = 0.25}, .weighted = false};
  }

  /// Throws FileError where a tensor is missing or has another shape.
  explicit SiamRpnPPOf(const Weights& weights) : SiamRpnPPOf(weights, Options{}) {}
  SiamRpnPPOf(const Weights& weights, const Options& o)
      : Base(Features(weights, Features::published_prefix, o.precision),
             {detail::loaded(branch(RpnAnswer::classes, o), weights, "rpn_head."), Features::stride, o.precision},
             {detail::loaded(branch(RpnAnswer::boxes, o), weights, "rpn_head."),
              Features::channels,
              o.selection,
              {},
              o.precision},
             PysotRegion(o.region)) {}

  /// The tensors that it reads from a file.
  static std::vector<TensorSpec> tensors(const Options& o = {}) {
    return detail::rpn_tensors(Features::tensors(), branch(RpnAnswer::classes, o), branch(RpnAnswer::boxes, o),
                               "rpn_head.");
  }

 private:
  static DepthwiseRpnBranch branch(RpnAnswer answer, const Options& o) {
    return {answer, {.levels = {Neck[0], Neck[1], Neck[2]}, .weighted = o.weighted}};
  }
};

using SiamRpnPP = SiamRpnPPOf<>;

/// siamrpn_r50_l234_dwxcorr_lt of STVIR/pysot: holds the box below a score of 0.8 and then looks in a region of 831
/// pixels until the score is above 0.998.
template <SiameseNeck Neck = long_term_neck, ResNetShape Shape = siamese_resnet50>
struct SiamRpnPPLongTermOf : SiamRpnPPOf<Neck, Shape> {
  using Base = SiamRpnPPOf<Neck, Shape>;

  static constexpr typename Base::Options published() {
    return {.selection = {.penalty = 0.05,
                          .influence = 0.28,
                          .rate = 0.22,
                          .lost_below = 0.8,
                          .hold_when_lost = true,
                          .found_above = 0.998},
            .region = {.growth = 831 - 255, .search_most = 831}};
  }

  explicit SiamRpnPPLongTermOf(const Weights& weights, const typename Base::Options& o = published())
      : Base(weights, o) {}
};

using SiamRpnPPLongTerm = SiamRpnPPLongTermOf<>;

/// SiamRPN++'s head on AlexNet: siamrpn_alex_dwxcorr of STVIR/pysot.
template <AlexNetShape Shape = alexnet_rpn>
struct SiamRpnAlexOf : detail::RpnTracker<AlexNet<Shape>, DepthwiseRpnBranch> {
  using Features = AlexNet<Shape>;
  using Base = detail::RpnTracker<Features, DepthwiseRpnBranch>;

  struct Options {
    SiameseSelection::Options selection{.penalty = 0.16, .influence = 0.40, .rate = 0.30};
    PysotRegion::Options region{.search = 287};
    Precision precision = Precision::float32;  ///< of the networks
  };

  explicit SiamRpnAlexOf(const Weights& weights) : SiamRpnAlexOf(weights, Options{}) {}
  SiamRpnAlexOf(const Weights& weights, const Options& o)
      : Base(
            Features(weights, backbone, o.precision),
            {detail::loaded(branch(RpnAnswer::classes), weights, head), Features::stride, o.precision},
            {detail::loaded(branch(RpnAnswer::boxes), weights, head), Features::channels, o.selection, {}, o.precision},
            PysotRegion(o.region)) {}

  static std::vector<TensorSpec> tensors() {
    return detail::rpn_tensors(Features::tensors(backbone), branch(RpnAnswer::classes), branch(RpnAnswer::boxes), head);
  }

 private:
  static constexpr const char* backbone = "backbone.features.";
  static constexpr const char* head = "rpn_head.";
  static DepthwiseRpnBranch branch(RpnAnswer answer) {
    return {answer, {.levels = {Features::channels}, .exemplar = 4}};
  }
};

using SiamRpnAlex = SiamRpnAlexOf<>;

/// DaSiamRPN: AlexNet whose exemplar becomes whole kernels for each anchor; the network of SiamRPN, trained with
/// distractors. (The published code has no distractor-aware module; see classifier/distractor_aware.hpp.)
///
/// Zhu et al.: "Distractor-aware Siamese Networks for Visual Object Tracking", 2018; foolwood/DaSiamRPN.
template <AlexNetShape Shape = alexnet_rpn_wide>
struct DaSiamRpnOf : detail::RpnTracker<AlexNet<Shape>, FullRpnBranch> {
  using Features = AlexNet<Shape>;
  using Base = detail::RpnTracker<Features, FullRpnBranch>;

  struct Options {
    SiameseSelection::Options selection{
        .penalty = 0.055, .influence = 0.42, .rate = 0.295, .first_between_pixels = false};
    PysotRegion::Options region{.search = 271,
                                .search_of_small = 287,
                                .small_share = 0.004,
                                .first_between_pixels = false,
                                .ties_go_out = true};
    Precision precision = Precision::float32;  ///< of the networks
  };
  /// Settings of the other two published models, which are half as wide (DaSiamRpnOf<alexnet_rpn>).
  static constexpr Options vot() {
    return {.selection = {.penalty = 0.04, .influence = 0.44, .rate = 0.45, .first_between_pixels = false},
            .region = {.search = 271, .first_between_pixels = false, .ties_go_out = true}};
  }
  static constexpr Options otb() {
    return {.selection = {.penalty = 0.22, .influence = 0.40, .rate = 0.30, .first_between_pixels = false},
            .region = {.search = 271, .first_between_pixels = false, .ties_go_out = true}};
  }

  explicit DaSiamRpnOf(const Weights& weights) : DaSiamRpnOf(weights, Options{}) {}
  DaSiamRpnOf(const Weights& weights, const Options& o)
      : Base(Features(weights, backbone, o.precision),
             {detail::loaded(branch(RpnAnswer::classes), weights, ""), Features::stride, o.precision},
             {detail::loaded(branch(RpnAnswer::boxes), weights, ""), Features::channels, o.selection, {}, o.precision},
             PysotRegion(o.region)) {}

  static std::vector<TensorSpec> tensors() {
    return detail::rpn_tensors(Features::tensors(backbone), branch(RpnAnswer::classes), branch(RpnAnswer::boxes), "");
  }

 private:
  static constexpr const char* backbone = "featureExtract.";
  static FullRpnBranch branch(RpnAnswer answer) { return {answer, Features::channels, Features::channels}; }
};

using DaSiamRpn = DaSiamRpnOf<>;

}  // namespace pursuit::inline v0::zoo
