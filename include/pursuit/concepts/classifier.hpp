// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/concepts/device.hpp>
#include <pursuit/core/augmentation.hpp>
#include <pursuit/core/features.hpp>
#include <pursuit/core/track.hpp>

#include <concepts>
#include <span>

namespace pursuit::inline v0 {

/// The number that a classifier gives as `channels` when it takes whatever the backbone gives.
inline constexpr int any_channels = 0;

/// Learns what the target looks like and tells how much each place looks like it.
///
///   channels           that it takes from the backbone, or any_channels
///   init(first)        forgets everything and learns the target from the first frame
///   respond(features)  one response map for each crop: fills `values`, `stride` and `origin`. The memory is the
///                      classifier's and lives until the next respond().
///
/// What a target teaches lives here and nowhere else, so a copy of a classifier is a second, independent memory.
template <class C>
concept Classifier = std::copyable<C> &&
    requires(C& classifier, const Sample<device_of_t<C>>& first, const FeatureMaps<device_of_t<C>>& features) {
  { C::channels } -> std::convertible_to<int>;
  classifier.init(first);
  { classifier.respond(features) } -> std::same_as<ResponseMap<device_of_t<C>>>;
};

/// Where the features come from that a classifier learns from in later frames.
enum class UpdateFrom {
  search_crop,  ///< the crop that the new state was read from: no second pass through the backbone (ATOM)
  new_crop      ///< a crop at the new place, with its surroundings where the classifier asks for them (CACF, DCFNet)
};

/// A classifier that goes on learning after the first frame.
template <class C>
concept OnlineClassifier = Classifier<C> &&
    requires(C& classifier, const Sample<device_of_t<C>>& sample, const Track& track) {
  { C::update_from } -> std::convertible_to<UpdateFrom>;
  classifier.update(sample, track);
};

/// An online classifier that can say beforehand that it will not learn from a frame, which saves the crop for it.
template <class C>
concept SelectiveClassifier = OnlineClassifier<C> && requires(const C& classifier, const Track& track) {
  { classifier.wants(track) } -> std::same_as<bool>;
};

/// A classifier that also looks at crops around the target, to learn what it is not: displacements of the crop's centre
/// in units of the target's width and height.
template <class C>
concept ContextualClassifier = Classifier<C> && requires(const C& classifier) {
  { classifier.contexts() } -> std::convertible_to<std::span<const Point>>;
};

/// A classifier that learns from changed views of the first frame. Each view is cut from a patch `augmentation_margin`
/// times as wide and high as the exemplar.
template <class C>
concept AugmentingClassifier = Classifier<C> && requires(const C& classifier) {
  { classifier.augmentations() } -> std::convertible_to<std::span<const Augmentation>>;
  { C::augmentation_margin } -> std::convertible_to<int>;
};

}  // namespace pursuit::inline v0
