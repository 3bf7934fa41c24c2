// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/classifier/online_filter.hpp>
#include <pursuit/core/precision.hpp>
#include <pursuit/estimator/box_head_layers.hpp>
#include <pursuit/io/weights.hpp>
#include <pursuit/track/atom_region.hpp>
#include <pursuit/track/tracker.hpp>

#include <cstdint>
#include <utility>
#include <vector>

namespace pursuit::inline v0::zoo::detail {

/// A tracker with a filter that is learned online, in ATOM's region. The options say `filter`, `region`, `seed` and
/// `precision`; the filter's own patch and seed are replaced by the region's and the tracker's.
template <class Features, int Compressed, class Estimator>
struct FilterTracker : Tracker<Features, OnlineFilter<Features::channels, Compressed>, Estimator, AtomRegion> {
  using Filter = OnlineFilter<Features::channels, Compressed>;

  template <class Options>
  FilterTracker(const Weights& weights, const Options& o, Estimator estimator)
      : FilterTracker::Tracker(features(weights, o), filter(o), std::move(estimator), AtomRegion(o.region)) {}

 private:
  template <class Options>
  static Features features(const Weights& weights, const Options& o) {
    Features made(weights, Features::published_prefix, o.precision);
    if constexpr (requires { made.prepare(Index{}); }) made.prepare(AtomRegion(o.region).patch());
    return made;
  }
  template <class Options>
  static Filter filter(const Options& o) {
    typename Filter::Options own = o.filter;
    own.seed = o.seed;
    own.patch = AtomRegion(o.region).patch();
    return Filter(own);
  }
};

/// One whose boxes come from a network, `BoxHead`.
template <class Features, int Compressed, class Boxes, BoxHeadShape Head>
struct BoxHeadTracker : FilterTracker<Features, Compressed, Boxes> {
  static_assert(Head.coarse == Features::channels && Head.fine == Features::fine_channels,
                "pursuit::zoo: the box head does not take the levels that the backbone gives");

  struct Options {
    typename OnlineFilter<Features::channels, Compressed>::Options filter{};  ///< without patch and seed
    typename Boxes::Options box{};                                            ///< without head, seed and precision
    AtomRegion::Options region{};
    std::uint64_t seed = 0;  ///< of the first frame's views, of where the filter begins, and of the boxes' jitter
    Precision precision = Precision::float32;  ///< of the networks
  };

  /// The tensors that it reads from a file.
  static std::vector<TensorSpec> tensors() {
    std::vector<TensorSpec> all = Features::tensors();
    for (TensorSpec& spec : Boxes::tensors(Head)) all.push_back(std::move(spec));
    return all;
  }

  /// Throws FileError where a tensor is missing or has another shape.
  BoxHeadTracker(const Weights& weights, const Options& o)
      : BoxHeadTracker::FilterTracker(weights, o, boxes(weights, o)) {}

 private:
  static Boxes boxes(const Weights& weights, const Options& o) {
    typename Boxes::Options own = o.box;
    own.head = Head;
    own.precision = o.precision;
    if constexpr (requires { own.seed; }) own.seed = o.seed;
    Boxes made(weights, own);
    made.prepare(AtomRegion(o.region).patch());
    return made;
  }
};

}  // namespace pursuit::inline v0::zoo::detail
