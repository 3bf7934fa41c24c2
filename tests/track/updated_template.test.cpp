// SPDX-License-Identifier: MIT
#include <pursuit/concepts/state_estimator.hpp>
#include <pursuit/track/tracker.hpp>
#include <pursuit/track/updated_template.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <span>
#include <vector>

using namespace pursuit;

namespace {

/// One cell of one channel: the grey level of the patch's middle.
struct Middle {
  static constexpr int channels = 1;
  PixelFormat pixels() const { return {.order = PixelOrder::grey}; }
  FeatureMaps<> extract(const TensorView<const float, 4>& p) {
    const auto out = memory.view(Shape<4>{p.shape[0], 1, 1, 1});
    for (Index i = 0; i < p.shape[0]; ++i) out.data[i] = p(i, 0, p.shape[2] / 2, p.shape[3] / 2);
    FeatureMaps<> maps;
    maps.add({out, 1});
    return maps;
  }
  Buffer<float> memory;
};

/// Remembers what it learned, as a branch of a head does.
struct Branch {
  static constexpr int channels = 1;
  void init(const Sample<>& s) { learned = s.features.top().values(0, 0, 0, 0); }
  float learned = -1;
};
struct Classes : Branch {
  ResponseMap<> respond(const FeatureMaps<>& features) {
    return {.values = {features.top().values.data, Shape<3>{1, 1, 1}}};
  }
};
struct Boxes : Branch {
  std::span<const double> scales() const {
    static constexpr std::array<double, 1> one{1.0};
    return one;
  }
  TargetState estimate(const ResponseMap<>& response, const TargetState& previous) const {
    TargetState next = previous;
    next.track.status = response.values(0, 0, 0) < 50 ? TrackStatus::uncertain : TrackStatus::tracking;
    return next;
  }
};

using Rule = nn::LinearTemplate;
using OnlineClasses = UpdatedTemplate<Classes, Rule>;
using OnlineBoxes = UpdatedTemplate<Boxes, Rule>;
static_assert(SelectiveClassifier<OnlineClasses>);
static_assert(OnlineEstimator<OnlineBoxes>);
static_assert(!OnlineEstimator<Boxes>);

std::vector<std::uint8_t> grey(int level) {
  return std::vector<std::uint8_t>(64 * 48, static_cast<std::uint8_t>(level));
}
ImageView view(const std::vector<std::uint8_t>& pixels) { return packed_view(pixels.data(), 64, 48, PixelOrder::grey); }

}  // namespace

TEST_CASE("UpdatedTemplate: both branches follow the target by their own rules, and only when it was found") {
  Tracker tracker(Middle{}, OnlineClasses(Rule(0.5)), OnlineBoxes(Rule(0.25)));
  const auto bright = grey(100), brighter = grey(200), dark = grey(20);
  tracker.init(view(bright), {20, 16, 12, 10});
  CHECK(tracker.classifier().learned == 100);
  CHECK(tracker.estimator().learned == 100);
  tracker.update(view(brighter));
  CHECK(tracker.classifier().learned == 150);
  CHECK(tracker.estimator().learned == 125);
  tracker.update(view(dark));
  CHECK(tracker.classifier().learned == 150);
  CHECK(tracker.estimator().learned == 125);
  tracker.update(view(brighter));
  CHECK(tracker.classifier().learned == 175);
  tracker.init(view(brighter), {20, 16, 12, 10});
  CHECK(tracker.classifier().learned == 200);
  CHECK(tracker.estimator().learned == 200);
}

TEST_CASE("UpdatedTemplate: one branch alone may be updated") {
  Tracker tracker(Middle{}, OnlineClasses(Rule(0.5)), Boxes{});
  const auto bright = grey(100), brighter = grey(200);
  tracker.init(view(bright), {20, 16, 12, 10});
  tracker.update(view(brighter));
  CHECK(tracker.classifier().learned == 150);
  CHECK(tracker.estimator().learned == 100);
}
