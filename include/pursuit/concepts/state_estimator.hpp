// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/concepts/device.hpp>
#include <pursuit/core/features.hpp>
#include <pursuit/core/track.hpp>

#include <concepts>
#include <span>

namespace pursuit::inline v0 {

/// Reads the target's state from a response map.
///
///   scales()                      the crops to take of each frame, as factors of the search region's size
///   estimate(response, previous)  the new state, in pixels of the frame that `previous` is in
///
/// estimate() is const: what is learned online belongs to the classifier, so one estimator can serve many targets, one
/// after the other (it may keep scratch memory, so two threads need two copies).
template <class E>
concept StateEstimator = std::copyable<E> &&
    requires(const E& estimator, const ResponseMap<device_of_t<E>>& response, const TargetState& previous) {
  { estimator.scales() } -> std::convertible_to<std::span<const double>>;
  { estimator.estimate(response, previous) } -> std::same_as<TargetState>;
};

/// An estimator that looks at the features as well (box heads). The loop then calls this form of estimate().
template <class E>
concept FeatureEstimator = StateEstimator<E> &&
    requires(const E& estimator, const ResponseMap<device_of_t<E>>& response,
             const FeatureMaps<device_of_t<E>>& features, const TargetState& previous) {
  { estimator.estimate(response, features, previous) } -> std::same_as<TargetState>;
};

/// An estimator that must see the target once (the modulation vector of an IoU-Net, the exemplar branch of a box head).
template <class E>
concept ConditionedEstimator = StateEstimator<E> && requires(E& estimator, const Sample<device_of_t<E>>& first) {
  estimator.init(first);
};

/// An estimator whose memory of the target goes on with the classifier's: it gets every sample that an
/// `OnlineClassifier` learns from, after the classifier.
template <class E>
concept OnlineEstimator = ConditionedEstimator<E> &&
    requires(E& estimator, const Sample<device_of_t<E>>& sample, const Track& track) {
  estimator.update(sample, track);
};

}  // namespace pursuit::inline v0
