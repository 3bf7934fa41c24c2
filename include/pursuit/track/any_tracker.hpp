// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>
#include <pursuit/core/image.hpp>
#include <pursuit/core/track.hpp>
#include <pursuit/track/stages.hpp>

#include <concepts>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace pursuit::inline v0 {

/// What AnyTracker can hold: every Tracker, and whatever else looks like one.
template <class T>
concept TrackerLike = std::copy_constructible<T> &&
    requires(T& tracker, const T& reader, const ImageView& frame, const Box& target) {
  tracker.init(frame, target);
  { tracker.update(frame) } -> std::convertible_to<const Track&>;
  { reader.stages() } -> std::convertible_to<const StageTimes&>;
};

/// A tracker chosen at run time. A copy is an independent tracker, as with the types it holds.
class AnyTracker {
 public:
  template <class T>
  requires(TrackerLike<T> && !std::same_as<T, AnyTracker>) AnyTracker(std::string name, T tracker)
      : name_(std::move(name)), held_(std::make_unique<Model<T>>(std::move(tracker))) {}

  AnyTracker(const AnyTracker& other) : name_(other.name_), held_(other.held_ ? other.held_->clone() : nullptr) {}
  AnyTracker& operator=(const AnyTracker& other) {
    AnyTracker copy(other);
    return *this = std::move(copy);
  }
  AnyTracker(AnyTracker&&) noexcept = default;
  AnyTracker& operator=(AnyTracker&&) noexcept = default;
  ~AnyTracker() = default;

  /// As Tracker::init(). Throws Error on a moved-from object.
  void init(const ImageView& frame, const Box& target) { held("init").init(frame, target); }
  /// As Tracker::update(). Throws Error on a moved-from object and before init().
  const Track& update(const ImageView& frame) { return held("update").update(frame); }
  const StageTimes& stages() const { return held("stages").stages(); }
  /// The name it was made with, as in zoo::make().
  std::string_view name() const { return name_; }

 private:
  struct Interface {
    virtual ~Interface() = default;
    virtual void init(const ImageView& frame, const Box& target) = 0;
    virtual const Track& update(const ImageView& frame) = 0;
    virtual const StageTimes& stages() const = 0;
    virtual std::unique_ptr<Interface> clone() const = 0;
  };
  template <class T>
  struct Model final : Interface {
    explicit Model(T t) : tracker(std::move(t)) {}
    void init(const ImageView& frame, const Box& target) override { tracker.init(frame, target); }
    const Track& update(const ImageView& frame) override { return tracker.update(frame); }
    const StageTimes& stages() const override { return tracker.stages(); }
    std::unique_ptr<Interface> clone() const override { return std::make_unique<Model>(tracker); }
    T tracker;
  };

  Interface& held(const char* call) const {
    if (!held_) throw Error(concat("AnyTracker::", call, ": this object was moved from"));
    return *held_;
  }

  std::string name_;
  std::unique_ptr<Interface> held_;
};

}  // namespace pursuit::inline v0
