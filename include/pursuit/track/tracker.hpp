// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/concepts/backbone.hpp>
#include <pursuit/concepts/classifier.hpp>
#include <pursuit/concepts/state_estimator.hpp>
#include <pursuit/core/buffer.hpp>
#include <pursuit/kernels/augment.hpp>
#include <pursuit/kernels/crop.hpp>
#include <pursuit/track/padded_region.hpp>
#include <pursuit/track/search_region.hpp>
#include <pursuit/track/stages.hpp>

#include <algorithm>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace pursuit::inline v0 {

/// Throws Error, with what came and what is needed, unless `target` can be learned from a frame of this size: finite,
/// at least one pixel and at most twice the frame each way, and overlapping the frame.
inline void require_trackable(const ImageView& frame, const Box& target, const char* where) {
  const auto complain = [&](const char* need) {
    throw Error(concat(where, ": box x=", target.x, " y=", target.y, " w=", target.w, " h=", target.h,
                       " in a frame of ", frame.width, "x", frame.height, " pixels: need ", need));
  };
  if (!is_finite(target)) complain("finite numbers");
  if (target.w < 1 || target.h < 1) complain("a width and height of at least 1 pixel");
  if (target.w > 2.0 * frame.width || target.h > 2.0 * frame.height)
    complain("a box of at most twice the frame (x, y, width, height, not two corners?)");
  if (area(intersect(target, {0, 0, static_cast<double>(frame.width), static_cast<double>(frame.height)})) <= 0)
    complain("a box that overlaps the frame");
}

/// One loop for all trackers: crops, features, response, state, and what is learned from it.
///
/// The policies say what is special: how many crops a frame (`E::scales`), which part of the frame they show
/// (`R`), whether surroundings or changed views are learned (`ContextualClassifier`, `AugmentingClassifier`), whether
/// and from which crop the classifier goes on learning (`OnlineClassifier`), whether features have a memory
/// (`RecurrentBackbone`). The loop names no policy.
///
/// A copy is a second tracker that shares nothing it writes to. There is no separate move: a moved-from tracker is as
/// good as before. One tracker serves one thread at a time; two trackers serve two threads.
template <Backbone B, Classifier C, StateEstimator E, SearchRegion R = PaddedRegion>
class Tracker {
 public:
  using device = device_of_t<B>;

  static_assert(C::channels == any_channels || B::channels == C::channels,
                "pursuit::Tracker: the classifier does not take the channels the backbone gives");
  static_assert(std::is_same_v<device, device_of_t<C>> && std::is_same_v<device, device_of_t<E>>,
                "pursuit::Tracker: backbone, classifier and estimator work on different devices");

  static_assert(OnlineClassifier<C> || !OnlineEstimator<E>,
                "pursuit::Tracker: the estimator goes on learning, which needs a classifier that does (update_from)");

  Tracker(B backbone, C classifier, E estimator, R region = R())
      : backbone_(std::move(backbone)),
        classifier_(std::move(classifier)),
        estimator_(std::move(estimator)),
        region_(std::move(region)) {}
  Tracker(const Tracker&) = default;
  Tracker& operator=(const Tracker&) = default;

  /// Learns the target; `target` is in pixels of `frame`. Throws Error where frame or box cannot be used; the tracker
  /// then is what it was before the call.
  void init(const ImageView& frame, const Box& target) {
    require_readable(frame, "Tracker::init");
    require_trackable(frame, target, "Tracker::init");
    ready_ = false;
    state_ = {.track = {.box = target}, .first = target};
    answer_ = state_.track;
    region_.start(frame, target);
    if constexpr (RecurrentBackbone<B>) backbone_.reset();
    const Sample<device> first = first_sample(frame);
    classifier_.init(first);
    if constexpr (ConditionedEstimator<E>) estimator_.init(first);
    if constexpr (RecurrentBackbone<B>) backbone_.commit(0);
    stages_.clear();
    ready_ = true;
  }

  /// Finds the target in the next frame. Never throws for a bad frame: it then keeps the last good state and says
  /// `bad_frame`. Throws Error where init() was not called. The reference is good until the next call.
  const Track& update(const ImageView& frame) {
    if (!ready_) throw Error("Tracker::update: there is no target yet: call init(frame, box) first");
    if (!unreadable(frame).empty()) {
      answer_.status = TrackStatus::bad_frame;
      return answer_;
    }
    const FeatureMaps<device> features = look(frame);
    ResponseMap<device> response = stages_.time(StageTimes::respond, [&] { return classifier_.respond(features); });
    response.crops = crops_;
    response.frame_width = frame.width;
    response.frame_height = frame.height;
    const TargetState next = stages_.time(StageTimes::estimate, [&] {
      if constexpr (FeatureEstimator<E>)
        return sane(estimator_.estimate(response, features, state_), frame);
      else
        return sane(estimator_.estimate(response, state_), frame);
    });
    if constexpr (RecurrentBackbone<B>) backbone_.commit(next.scale);
    state_ = next;
    answer_ = next.track;
    if constexpr (OnlineClassifier<C>) stages_.time(StageTimes::learn, [&] { learn(classifier_, frame, features); });
    state_.hard_negative = false;  // a word about this frame: an estimator that begins with the last state says it anew
    return answer_;
  }

  /// The last answer; after init() the box that was given.
  const Track& track() const { return answer_; }
  /// Where the time went since init().
  const StageTimes& stages() const { return stages_; }

  const B& backbone() const { return backbone_; }
  const C& classifier() const { return classifier_; }
  const E& estimator() const { return estimator_; }
  const R& region() const { return region_; }

 private:
  /// Crops the frame at `crops_` and extracts features.
  FeatureMaps<device> extract(const ImageView& frame) { return backbone_.extract(cut(frame)); }

  TensorView<float, 4, device> cut(const ImageView& frame) {
    const PixelFormat format = backbone_.pixels();
    const auto patches = patches_.view(
        Shape<4>{static_cast<Index>(crops_.size()), format.channels(), crops_.front().height, crops_.front().width});
    for (std::size_t i = 0; i < crops_.size(); ++i)
      kernels::crop(frame, crops_[i], format, patches[static_cast<Index>(i)]);
    return patches;
  }

  FeatureMaps<device> look(const ImageView& frame) {
    const auto patches = stages_.time(StageTimes::crop, [&] {
      crops_.clear();
      for (const double factor : std::span<const double>(estimator_.scales()))
        crops_.push_back(region_.search(frame, state_, factor));
      if (crops_.empty()) throw Error("Tracker::update: the estimator's scales() are empty: need at least one");
      return cut(frame);
    });
    return stages_.time(StageTimes::features, [&] { return backbone_.extract(patches); });
  }

  /// The target's crop at the current state, then those of its surroundings.
  std::size_t aim_at_target(const ImageView& frame) {
    crops_.assign(1, region_.exemplar(frame, state_));
    targets_.assign(1, to_patch(crops_[0], state_.track.box));
    std::size_t contexts = 0;
    if constexpr (ContextualClassifier<C>) {
      for (const Point& offset : std::span<const Point>(classifier_.contexts())) {
        TargetState beside = state_;
        beside.track.box.x += offset.x * state_.track.box.w;
        beside.track.box.y += offset.y * state_.track.box.h;
        crops_.push_back(region_.exemplar(frame, beside));
        targets_.push_back({});
        ++contexts;
      }
    }
    return contexts;
  }

  Sample<device> first_sample(const ImageView& frame) {
    const std::size_t contexts = aim_at_target(frame);
    if constexpr (AugmentingClassifier<C>) {
      const std::span<const Augmentation> views = classifier_.augmentations();
      const Crop large = expanded(crops_[0], C::augmentation_margin);
      const PixelFormat format = backbone_.pixels();
      Buffer<float, device> memory;
      const auto around = memory.view(Shape<3>{format.channels(), large.height, large.width});
      kernels::crop(frame, large, format, around);
      const std::size_t plain = crops_.size();
      const Crop crop = crops_[0];
      const Box target = targets_[0];
      const auto patches =
          patches_.view(Shape<4>{static_cast<Index>(plain + views.size()), format.channels(), crop.height, crop.width});
      for (std::size_t i = 0; i < plain; ++i) kernels::crop(frame, crops_[i], format, patches[static_cast<Index>(i)]);
      for (std::size_t i = 0; i < views.size(); ++i) {
        kernels::augment(around, views[i], patches[static_cast<Index>(plain + i)]);
        crops_.push_back(crop);
        targets_.push_back({target.x + views[i].shift.x, target.y + views[i].shift.y, target.w, target.h});
      }
      return {backbone_.extract(patches), crops_, targets_, contexts, false};
    } else {
      return {extract(frame), crops_, targets_, contexts, false};
    }
  }

  template <OnlineClassifier Learner>
  void learn(Learner& classifier, const ImageView& frame, const FeatureMaps<device>& seen) {
    if constexpr (SelectiveClassifier<Learner>) {
      if (!classifier.wants(state_.track)) return;
    }
    if constexpr (Learner::update_from == UpdateFrom::new_crop) {
      const std::size_t contexts = aim_at_target(frame);
      teach(classifier, {extract(frame), crops_, targets_, contexts, state_.hard_negative});
    } else {
      const auto chosen = static_cast<Index>(state_.scale);
      FeatureMaps<device> features;
      for (std::size_t i = 0; i < seen.levels; ++i)
        features.add({seen.level[i].values.slice(chosen, chosen + 1), seen.level[i].stride});
      const Crop& crop = crops_[state_.scale];
      targets_.assign(1, to_patch(crop, state_.track.box));
      teach(classifier, {features, {&crop, 1}, targets_, 0, state_.hard_negative});
    }
  }

  template <OnlineClassifier Learner>
  void teach(Learner& classifier, const Sample<device>& sample) {
    classifier.update(sample, state_.track);
    if constexpr (OnlineEstimator<E>) estimator_.update(sample, state_.track);
  }

  /// The promise of update(): a finite box that touches the frame, of 1 pixel to twice the frame each way, a score in
  /// [0, 1], and a scale that exists. A state that is not finite is replaced by the last one and called lost.
  TargetState sane(TargetState next, const ImageView& frame) const {
    Box& b = next.track.box;
    if (!is_finite(b) || next.scale >= crops_.size()) {
      next = state_;
      next.track.score = 0;
      next.track.status = TrackStatus::lost;
      next.hard_negative = false;
      next.scale = crops_.size() / 2;
    }
    const double width = frame.width, height = frame.height;
    if (!(b.w >= 1 && b.w <= 2 * width && b.h >= 1 && b.h <= 2 * height))
      b = box_around(center(b), std::clamp(b.w, 1.0, 2 * width), std::clamp(b.h, 1.0, 2 * height));
    b.x = std::clamp(b.x, -b.w, width);
    b.y = std::clamp(b.y, -b.h, height);
    next.lost_frames = next.track.status == TrackStatus::lost ? state_.lost_frames + 1 : 0;
    next.track.score = next.track.score >= 0 ? std::min(next.track.score, 1.0) : 0.0;  // NaN becomes 0
    return next;
  }

  B backbone_;
  C classifier_;
  E estimator_;
  R region_;
  TargetState state_{};
  Track answer_{};
  Buffer<float, device> patches_;
  std::vector<Crop> crops_;
  std::vector<Box> targets_;
  StageTimes stages_;
  bool ready_ = false;
};

}  // namespace pursuit::inline v0
