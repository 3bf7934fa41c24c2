// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <pursuit/check/rendered.hpp>
#include <pursuit/check/scenes.hpp>
#include <pursuit/core/error.hpp>

#include "../support/allocations.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <numbers>
#include <utility>

using namespace pursuit;

namespace {

/// White target on black, wherever `path` puts it: grey levels are then 255 times the covered part of a pixel.
check::Scene flat(const check::Actor& actor, int frames = 1) {
  check::Scene scene{.width = 120, .height = 90, .frames = frames};
  scene.target = actor;
  scene.order = PixelOrder::grey;
  scene.flat = true;
  return scene;
}

struct Moments {
  double area = 0, x = 0, y = 0;
};
Moments moments(const ImageView& v) {
  Moments m;
  for (int y = 0; y < v.height; ++y)
    for (int x = 0; x < v.width; ++x) {
      const double part = v.row(y)[x] / 255.0;
      m.area += part;
      m.x += part * (x + 0.5);
      m.y += part * (y + 0.5);
    }
  m.x /= m.area;
  m.y /= m.area;
  return m;
}

bool same_pixels(const ImageView& a, const ImageView& b) {
  if (a.width != b.width || a.height != b.height || a.channels != b.channels) return false;
  for (int y = 0; y < a.height; ++y)
    if (std::memcmp(a.row(y), b.row(y), static_cast<std::size_t>(a.width) * a.channels) != 0) return false;
  return true;
}

/// FNV-1a over the pixels.
std::uint64_t hash(const ImageView& v, std::uint64_t h = 0xCBF29CE484222325ULL) {
  for (int y = 0; y < v.height; ++y)
    for (int i = 0; i < v.width * v.channels; ++i) h = (h ^ v.row(y)[i]) * 0x100000001B3ULL;
  return h;
}

/// Everything at once.
check::Scene busy() {
  check::Scene scene = check::demo_clip();
  scene.width = 200;
  scene.height = 150;
  scene.bar.path = check::straight({110, 75}, {0, 0});
  scene.target.path = check::swinging({100, 75}, {60, 30}, {40, 23});
  scene.blur = 2;
  return scene;
}

}  // namespace

TEST_CASE("RenderedSequence: the box of an upright target is exact to 0.01 pixels") {
  check::Actor actor{.width = 41.37, .height = 23.81, .corner = 0};
  SUBCASE("square corners") {}
  SUBCASE("round corners") { actor.corner = 7; }
  actor.path = [](int t) { return check::Pose{{52 + 0.137 * t, 47 - 0.0917 * t}, 1 + 0.011 * t}; };
  check::RenderedSequence sequence(flat(actor, 40));
  for (int t = 0; t < sequence.size(); ++t) {
    const ImageView v = sequence.frame(t);
    const Box box = sequence.box(t);
    // Along the middle row and column each edge is read from the covered part of one pixel, known to 1/510.
    const int mx = static_cast<int>(center(box).x), my = static_cast<int>(center(box).y);
    double left = 0, right = 0, top = 0, bottom = 0;
    for (int x = 0; x < v.width; ++x) (x < mx ? left : right) += v.row(my)[x] / 255.0;
    for (int y = 0; y < v.height; ++y) (y < my ? top : bottom) += v.row(y)[mx] / 255.0;
    CAPTURE(t);
    CHECK(std::abs(mx - left - box.x) < 0.01);
    CHECK(std::abs(mx + right - (box.x + box.w)) < 0.01);
    CHECK(std::abs(my - top - box.y) < 0.01);
    CHECK(std::abs(my + bottom - (box.y + box.h)) < 0.01);
  }
}

TEST_CASE("RenderedSequence: a turned target covers what a finely sampled rectangle covers, and its box is the hull") {
  check::Actor actor{.width = 40.6, .height = 22.4, .corner = 0};
  actor.path = [](int t) { return check::Pose{{60.3, 44.8}, 1, 13.0 * t}; };
  check::RenderedSequence sequence(flat(actor, 14));
  for (int t = 0; t < sequence.size(); ++t) {
    const ImageView v = sequence.frame(t);
    const double angle = 13.0 * t * std::numbers::pi / 180, c = std::cos(angle), s = std::sin(angle);
    constexpr int fine = 16;
    double x0 = 1e9, x1 = -1e9, y0 = 1e9, y1 = -1e9, worst = 0;
    for (int y = 0; y < v.height; ++y)
      for (int x = 0; x < v.width; ++x) {
        int hits = 0;
        for (int k = 0; k < fine * fine; ++k) {
          const double px = x + (k % fine + 0.5) / fine, py = y + (k / fine + 0.5) / fine;
          const double u = c * (px - 60.3) + s * (py - 44.8), w = c * (py - 44.8) - s * (px - 60.3);
          if (std::abs(u) > 20.3 || std::abs(w) > 11.2) continue;
          ++hits;
          x0 = std::min(x0, px), x1 = std::max(x1, px), y0 = std::min(y0, py), y1 = std::max(y1, py);
        }
        worst = std::max(worst, std::abs(hits / double(fine * fine) - v.row(y)[x] / 255.0));
      }
    CAPTURE(t);
    // The ramp across a slanted edge is one pixel wide where the true one is up to sqrt(2): off by up to 0.09 there,
    // and more at the four corners.
    CHECK(worst < 0.15);
    // Those errors cancel: area and centre are those of the rectangle.
    const Moments m = moments(v);
    CHECK(std::abs(m.area - 40.6 * 22.4) < 0.5);
    CHECK(std::abs(m.x - 60.3) < 0.01);
    CHECK(std::abs(m.y - 44.8) < 0.01);
    // The fine samples are 1/16 pixel apart, and a sharp corner may lie between them.
    const Box box = sequence.box(t);
    CHECK(std::abs(x0 - box.x) < 0.2);
    CHECK(std::abs(y0 - box.y) < 0.2);
    CHECK(std::abs(x1 - (box.x + box.w)) < 0.2);
    CHECK(std::abs(y1 - (box.y + box.h)) < 0.2);
  }
}

TEST_CASE("RenderedSequence: a camera moves the box and the pixels together") {
  check::Scene scene = flat({.width = 30, .height = 30, .corner = 15, .path = check::straight({60, 45}, {0, 0})}, 5);
  scene.camera = [](int t) { return Point{1.7 * t, -2.3 * t}; };
  check::RenderedSequence sequence(scene);
  const Moments m = moments(sequence.frame(4));
  CHECK(std::abs(m.x - center(sequence.box(4)).x) < 0.01);
  CHECK(std::abs(m.y - center(sequence.box(4)).y) < 0.01);
  CHECK(std::abs(m.x - (60 - 6.8)) < 0.01);
}

TEST_CASE("RenderedSequence: shifted frames are the same frames, displaced, to the bit") {
  const check::Scene scene = busy();
  check::RenderedSequence here(scene);
  for (const auto& shift : {std::pair{7, 3}, {-13, 20}, {0, -9}}) {
    const int dx = shift.first, dy = shift.second;
    check::RenderedSequence there(check::shifted(scene, dx, dy));
    for (int t : {0, 31, 60}) {
      const int w = scene.width - std::abs(dx), h = scene.height - std::abs(dy);
      const ImageView a = subview(here.frame(t), std::max(-dx, 0), std::max(-dy, 0), w, h);
      const ImageView b = subview(there.frame(t), std::max(dx, 0), std::max(dy, 0), w, h);
      CAPTURE(dx);
      CAPTURE(t);
      CHECK(same_pixels(a, b));
      CHECK(there.box(t).x == doctest::Approx(here.box(t).x + dx).epsilon(1e-12));
      CHECK(there.box(t).y == doctest::Approx(here.box(t).y + dy).epsilon(1e-12));
      CHECK(there.box(t).w == here.box(t).w);
    }
  }
}

TEST_CASE("RenderedSequence: a frame depends on the scene and its number, not on what was asked before") {
  check::RenderedSequence once(busy()), again(busy());
  once.frame(3);
  once.frame(59);
  CHECK(same_pixels(once.frame(20), again.frame(20)));
  CHECK_FALSE(same_pixels(once.frame(20), again.frame(21)));
  check::Scene other = busy();
  other.seed += 1;
  check::RenderedSequence elsewhere(other);
  CHECK_FALSE(same_pixels(once.frame(20), elsewhere.frame(20)));
}

TEST_CASE("RenderedSequence: the library's clip is the same on every platform") {
  check::RenderedSequence clip(check::demo_clip());
  std::uint64_t h = 0xCBF29CE484222325ULL;
  for (int t = 0; t < clip.size(); t += 25) h = hash(clip.frame(t), h);
  CHECK(h == 0xff809f5f7ab222d3ULL);
}

TEST_CASE("RenderedSequence: the part that can be seen") {
  // A 40 x 20 target that is half outside to the left, then half behind the bar's left edge, then out of view.
  check::Scene scene = flat({.width = 40,
                             .height = 20,
                             .corner = 0,
                             .path =
                                 [](int t) {
                                   return check::Pose{{t == 0 ? 0.0 : t == 1 ? 70.0 : t == 2 ? 40.0 : -30.0, 45}};
                                 }},
                            4);
  scene.bar = {.width = 30, .height = 200, .corner = 0, .path = check::straight({85, 45}, {0, 0})};
  const check::RenderedSequence sequence(scene);
  CHECK(sequence.visible_part(0) == 0.5);
  CHECK(sequence.visible_part(1) == 0.5);
  CHECK(sequence.visible_part(2) == 1);
  CHECK(sequence.visible_part(3) == 0);
  CHECK(sequence.visible(0));
  CHECK_FALSE(sequence.visible(3));
}

TEST_CASE(
    "RenderedSequence: the sensor's noise has the deviation that was asked for, and differs from frame to frame") {
  check::Scene clean = check::still(2), noisy = clean;
  noisy.noise = 5;
  check::RenderedSequence a(clean), b(noisy);
  const auto difference = [](const ImageView& u, const ImageView& v) {
    double sum = 0, squares = 0;
    const int n = u.width * u.height * 3;
    for (int i = 0; i < n; ++i) sum += u.data[i] - v.data[i], squares += std::pow(u.data[i] - v.data[i], 2);
    return std::pair{sum / n, std::sqrt(squares / n)};
  };
  const auto [mean, deviation] = difference(a.frame(1), b.frame(1));
  // Few pixels of the scene are near black or white, where noise is cut off; rounding adds 1/12 to the variance.
  CHECK(std::abs(mean) < 0.1);
  CHECK(std::abs(deviation - 5) < 0.1);
  const Image first(b.frame(0));
  CHECK(std::abs(difference(first, b.frame(1)).second - 5 * std::numbers::sqrt2) < 0.15);
}

TEST_CASE("RenderedSequence: light multiplies, from side to side too") {
  check::Scene scene = check::still(2);
  scene.light = [](int t) { return t == 0 ? check::Light{} : check::Light{0.5, {0.4, 0}}; };
  check::RenderedSequence sequence(scene);
  const Image plain(sequence.frame(0));
  const ImageView lit = sequence.frame(1);
  for (int x : {0, 160, 319})
    for (int k = 0; k < 3; ++k) {
      const double gain = 0.5 + 0.4 * ((x + 0.5) / 320 - 0.5);
      // Gains have 8 binary places: half of one of them times 255, and a rounding.
      CHECK(std::abs(lit.row(7)[x * 3 + k] - gain * plain.at(x, 7)[k]) < 1.1);
    }
}

TEST_CASE("RenderedSequence: blur spreads an edge and keeps the area") {
  check::Scene sharp = flat({.width = 40, .height = 30, .corner = 0, .path = check::straight({60, 45}, {0, 0})});
  check::Scene soft = sharp;
  soft.blur = 3;
  check::RenderedSequence a(sharp), b(soft);
  // The edge at x = 40 is spread over three pixels on each side: the binomial numbers of row 6 sum to 22, 42, 57 / 64
  // ...
  const double part[] = {1 / 64.0, 7 / 64.0, 22 / 64.0, 42 / 64.0, 57 / 64.0, 63 / 64.0};
  for (int i = 0; i < 6; ++i) CHECK(std::abs(b.frame(0).row(45)[37 + i] - 255 * part[i]) <= 1.5);
  CHECK(a.frame(0).row(45)[39] == 0);
  CHECK(std::abs(moments(a.frame(0)).area - moments(b.frame(0)).area) < 1);
}

TEST_CASE("RenderedSequence: pixel orders show the same picture") {
  check::Scene scene = check::still(1);
  check::RenderedSequence rgb(scene);
  scene.order = PixelOrder::bgr;
  check::RenderedSequence bgr(scene);
  scene.order = PixelOrder::grey;
  check::RenderedSequence grey(scene);
  const std::uint8_t *a = rgb.frame(0).row(100), *b = bgr.frame(0).row(100), *g = grey.frame(0).row(100);
  CHECK(grey.frame(0).channels == 1);
  CHECK(bgr.frame(0).order == PixelOrder::bgr);
  for (int x = 0; x < scene.width; ++x) {
    CHECK(a[3 * x] == b[3 * x + 2]);
    CHECK(a[3 * x + 1] == b[3 * x + 1]);
    CHECK(a[3 * x + 2] == b[3 * x]);
    CHECK(std::abs(0.299 * a[3 * x] + 0.587 * a[3 * x + 1] + 0.114 * a[3 * x + 2] - g[x]) < 1);
  }
}

TEST_CASE("RenderedSequence: frames are made without allocating") {
  check::RenderedSequence sequence(busy());
  CHECK(test::allocations([&] {
          for (int t = 0; t < 5; ++t) sequence.frame(t);
        }).all() == 0);
  // The counter counts.
  CHECK(test::allocations([&] { Image copy(sequence.frame(0)); }).all() == 1);
}

TEST_CASE("RenderedSequence: scenes that make no sense are refused") {
  check::Scene scene = check::still(3);
  CHECK_NOTHROW(check::RenderedSequence{scene});
  SUBCASE("no frames") { scene.frames = 0; }
  SUBCASE("no width") { scene.width = 0; }
  SUBCASE("too high") { scene.height = max_frame_side + 1; }
  SUBCASE("no path") { scene.target.path = nullptr; }
  SUBCASE("a target without size") { scene.target.width = 0; }
  SUBCASE("corners larger than the target") { scene.target.corner = 30; }
  SUBCASE("NaN noise") { scene.noise = std::nan(""); }
  SUBCASE("negative blur") { scene.blur = -1; }
  CHECK_THROWS_AS(check::RenderedSequence{scene}, Error);
}
