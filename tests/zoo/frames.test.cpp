// SPDX-License-Identifier: MIT
// Frames that cannot be read, and readable ones that are unusual: each tracker refuses the first kind in init(), keeps
// its state on them in update(), and gives a finite box in sane limits on the second.
#include <doctest/doctest.h>

#include <pursuit/check/rendered.hpp>
#include <pursuit/check/scenes.hpp>
#include <pursuit/core/error.hpp>

#include <support/trackers.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

using namespace pursuit;

namespace {

bool same(const Box& a, const Box& b, double within) {
  return std::abs(a.x - b.x) <= within && std::abs(a.y - b.y) <= within && std::abs(a.w - b.w) <= within &&
         std::abs(a.h - b.h) <= within;
}

/// What every answer promises, whatever came in.
void check_sane(const Track& track, const ImageView& frame) {
  CHECK(is_finite(track.box));
  CHECK(track.box.w >= 1);
  CHECK(track.box.h >= 1);
  CHECK(track.box.w <= 2 * frame.width);
  CHECK(track.box.h <= 2 * frame.height);
  CHECK(track.box.x >= -track.box.w);
  CHECK(track.box.y >= -track.box.h);
  CHECK(track.box.x <= frame.width);
  CHECK(track.box.y <= frame.height);
  CHECK(track.score >= 0);
  CHECK(track.score <= 1);
}

/// Every way in which a view of `good` can be no frame.
std::vector<std::pair<std::string, ImageView>> unreadable_views(const ImageView& good) {
  std::vector<std::pair<std::string, ImageView>> all;
  const auto add = [&](const char* what, auto change) {
    ImageView v = good;
    change(v);
    all.emplace_back(what, v);
  };
  add("null data, as after a decode failure", [](ImageView& v) { v.data = nullptr; });
  add("nothing at all", [](ImageView& v) { v = ImageView{}; });
  add("0 x 0", [](ImageView& v) { v.width = v.height = 0; });
  add("no height", [](ImageView& v) { v.height = 0; });
  add("negative width", [](ImageView& v) { v.width = -v.width; });
  add("wider than 32767", [](ImageView& v) { v.width = 32768, v.row_stride = 32768 * 3; });
  add("higher than 32767", [](ImageView& v) { v.height = 1 << 30; });
  for (const int channels : {0, 2, 4, 5, -3})
    add("channels", [=](ImageView& v) { v.channels = channels, v.row_stride = v.width * std::abs(channels); });
  add("16-bit", [](ImageView& v) { v.type = PixelType::u16; });
  add("float, where NaN and Inf would be", [](ImageView& v) { v.type = PixelType::f32; });
  add("zero stride", [](ImageView& v) { v.row_stride = 0; });
  add("stride one byte short", [](ImageView& v) { v.row_stride = v.width * 3 - 1; });
  add("negative stride", [](ImageView& v) { v.row_stride = -v.row_stride; });
  add("three channels said to be grey", [](ImageView& v) { v.order = PixelOrder::grey; });
  return all;
}

}  // namespace

TEST_CASE("frames: init refuses what cannot be read, and says what came and what is needed") {
  check::RenderedSequence sequence(check::still(1));
  const ImageView good = sequence.frame(0);
  for (const std::string& name : test::trackers()) {
    CAPTURE(name);
    AnyTracker tracker = test::make(name);
    for (const auto& one : unreadable_views(good)) {
      const ImageView& view = one.second;
      INFO(one.first);
      std::string message;
      try {
        tracker.init(view, sequence.box(0));
      } catch (const Error& error) {
        message = error.what();
      }
      CHECK(message.find("init: frame") != std::string::npos);
    }
    CHECK_NOTHROW(tracker.init(good, sequence.box(0)));
  }
}

TEST_CASE("frames: update keeps its state on what cannot be read, says bad_frame, and goes on afterwards") {
  check::RenderedSequence sequence(check::moving(5, 2, 1));
  for (const std::string& name : test::trackers()) {
    CAPTURE(name);
    AnyTracker tracker = test::make(name), undisturbed = tracker;
    tracker.init(sequence.frame(0), sequence.box(0));
    undisturbed.init(sequence.frame(0), sequence.box(0));
    tracker.update(sequence.frame(1));
    const Track before = undisturbed.update(sequence.frame(1));
    for (const auto& one : unreadable_views(sequence.frame(2))) {
      const ImageView& view = one.second;
      INFO(one.first);
      const Track& track = tracker.update(view);
      CHECK(track.status == TrackStatus::bad_frame);
      CHECK(track.box == before.box);
    }
    const Track after = tracker.update(sequence.frame(2));
    CHECK(after.status != TrackStatus::bad_frame);
    CHECK(after.box == undisturbed.update(sequence.frame(2)).box);
  }
}

TEST_CASE("frames: tiny and thin ones") {
  for (const std::string& name : test::trackers()) {
    CAPTURE(name);
    for (const auto& size : {std::pair{1, 1}, {64, 1}, {7, 5}, {1, 2000}}) {
      CAPTURE(size.first);
      CAPTURE(size.second);
      Image frame(size.first, size.second, PixelOrder::rgb);
      for (int i = 0; i < size.first * size.second * 3; ++i) frame.data()[i] = static_cast<std::uint8_t>(i * 37);
      AnyTracker tracker = test::make(name);
      tracker.init(frame, {0, 0, static_cast<double>(size.first), static_cast<double>(size.second)});
      check_sane(tracker.update(frame), frame);
    }
  }
}

TEST_CASE("frames: a region of a larger picture, at any address, is the picture it shows") {
  check::RenderedSequence sequence(check::moving(3, 2, 1));
  const int w = sequence.scene().width, h = sequence.scene().height;
  for (const std::string& name : test::trackers()) {
    CAPTURE(name);
    AnyTracker packed = test::make(name), region = packed;
    for (int t = 0; t < 3; ++t) {
      const ImageView frame = sequence.frame(t);
      // The same pixels inside of a larger frame: rows have gaps, and begin at odd addresses.
      Image large(w + 11, h + 6, PixelOrder::rgb, 255);
      for (int y = 0; y < h; ++y) std::copy_n(frame.row(y), w * 3, large.at(5, y + 2));
      const ImageView view = subview(large, 5, 2, w, h);
      REQUIRE((reinterpret_cast<std::uintptr_t>(view.data) & 1) != (reinterpret_cast<std::uintptr_t>(view.row(1)) & 1));
      if (t == 0) {
        packed.init(frame, sequence.box(0));
        region.init(view, sequence.box(0));
      } else {
        CHECK(packed.update(frame).box == region.update(view).box);
      }
    }
  }
}

TEST_CASE("frames: size and channels may change between frames") {
  check::Scene scene = check::still(4);
  check::RenderedSequence colour(scene);
  scene.order = PixelOrder::grey;
  check::RenderedSequence grey(scene);
  for (const std::string& name : test::trackers()) {
    CAPTURE(name);
    AnyTracker tracker = test::make(name);
    tracker.init(colour.frame(0), colour.box(0));
    CHECK(tracker.update(grey.frame(1)).status != TrackStatus::bad_frame);
    check_sane(tracker.update(grey.frame(1)), grey.frame(1));
    const ImageView small = subview(colour.frame(2), 40, 40, 100, 70);
    check_sane(tracker.update(small), small);
    // Smaller than the target: the box is pulled back to the frame.
    const ImageView tiny = subview(colour.frame(2), 0, 0, 9, 6);
    check_sane(tracker.update(tiny), tiny);
    check_sane(tracker.update(colour.frame(3)), colour.frame(3));
  }
}

TEST_CASE("frames: bgr and rgb of the same picture give the same boxes, a grey one its own") {
  check::Scene scene = check::moving(3, 2, 1);
  check::RenderedSequence rgb(scene);
  scene.order = PixelOrder::bgr;
  check::RenderedSequence bgr(scene);
  scene.order = PixelOrder::grey;
  check::RenderedSequence grey(scene);
  for (const std::string& name : test::trackers()) {
    CAPTURE(name);
    AnyTracker a = test::make(name), b = a, c = a;
    a.init(rgb.frame(0), rgb.box(0));
    b.init(bgr.frame(0), rgb.box(0));
    c.init(grey.frame(0), rgb.box(0));
    for (int t = 1; t < 3; ++t) {
      // Sums over the channels may be rounded in another order.
      CHECK(same(a.update(rgb.frame(t)).box, b.update(bgr.frame(t)).box, 0.01));
      check_sane(c.update(grey.frame(t)), grey.frame(t));
    }
  }
}

TEST_CASE("frames: one colour throughout") {
  for (const std::string& name : test::trackers()) {
    CAPTURE(name);
    for (const std::uint8_t level : {0, 200}) {
      const Image frame(160, 120, PixelOrder::rgb, level);
      AnyTracker tracker = test::make(name);
      tracker.init(frame, {60, 40, 30, 30});
      for (int t = 0; t < 2; ++t) check_sane(tracker.update(frame), frame);
    }
  }
}
