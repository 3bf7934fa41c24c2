// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/io/weights.hpp>
#include <pursuit/zoo/atom.hpp>
#include <pursuit/zoo/feature_filter.hpp>

namespace pursuit::inline v0::zoo {

/// AtomSmall with scale search in place of its box head, all else being equal: it shows what the head is worth.
struct AtomSmallFilter : FeatureFilterOf<ResidualFeatures<resnet18_small>> {
  static Options of_atom() {
    const AtomSmall::Options atom = AtomSmall::steady();
    Options o;
    o.filter = atom.filter;
    o.region = atom.region;
    o.search.localisation = atom.box.localisation;
    return o;
  }

  /// Throws FileError where a tensor is missing or has another shape.
  explicit AtomSmallFilter(const Weights& weights) : AtomSmallFilter(weights, of_atom()) {}
  AtomSmallFilter(const Weights& weights, const Options& o) : FeatureFilterOf(weights, o) {}
};

}  // namespace pursuit::inline v0::zoo
