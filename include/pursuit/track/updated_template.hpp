// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/concepts/classifier.hpp>
#include <pursuit/nn/template_update.hpp>

#include <utility>

namespace pursuit::inline v0 {

/// A branch of a Siamese head whose exemplar goes with the target: after each frame in which it was found, a rule makes
/// a new exemplar of the features of the crop at its new place.
///
/// `Part` is a classifier (SiameseHead) or an estimator (DistanceBoxes, AnchorBoxes) whose init() learns the exemplar.
/// Each part has a rule of its own; an estimator is updated where the classifier is.
///
///     using Classes = UpdatedTemplate<SiameseHead<Branch, 96>, nn::LinearTemplate>;
///     Classes classes(nn::LinearTemplate(0.0102), branch, 16.0);
template <class Part, nn::TemplateRule Rule>
class UpdatedTemplate : public Part {
 public:
  static constexpr UpdateFrom update_from = UpdateFrom::new_crop;

  /// The rule, then what makes the part.
  template <class... Arguments>
  explicit UpdatedTemplate(Rule rule, Arguments&&... part)
      : Part(std::forward<Arguments>(part)...), rule_(std::move(rule)) {}

  void init(const Sample<>& first) {
    Part::init(first);
    rule_.init(first.features.top().values.slice(0, 1));
  }

  bool wants(const Track& track) const { return track.status == TrackStatus::tracking; }

  void update(const Sample<>& sample, const Track&) {
    const FeatureMap<>& now = sample.features.top();
    FeatureMaps<> features;
    features.add({rule_.next(now.values.slice(0, 1)), now.stride});
    Part::init({features, sample.crops, sample.targets});
  }

 private:
  Rule rule_;
};

}  // namespace pursuit::inline v0
