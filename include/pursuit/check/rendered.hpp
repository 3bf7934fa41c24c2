// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/check/scene.hpp>
#include <pursuit/check/texture.hpp>
#include <pursuit/core/box.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/core/image.hpp>
#include <pursuit/core/random.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <utility>
#include <vector>

namespace pursuit::inline v0::check {

namespace detail {

/// Numbers with 16 binary places: pixels are blended in whole numbers, so frames are the same on every platform.
inline std::int64_t fixed(double x) { return std::llround(x * 65536); }

/// An actor's outline in one frame, in fixed point: how much of a pixel it covers.
struct Outline {
  std::int64_t half_width = 0, half_height = 0, corner = 0;

  Outline(const Actor& actor, double scale)
      : half_width(fixed(actor.width * scale / 2)),
        half_height(fixed(actor.height * scale / 2)),
        corner(fixed(actor.corner * scale)) {}

  /// The signed distance of (x, y), measured from the actor's middle along its own axes; negative inside.
  std::int64_t distance(std::int64_t x, std::int64_t y) const {
    const std::int64_t qx = std::abs(x) - (half_width - corner), qy = std::abs(y) - (half_height - corner);
    if (qx <= 0 || qy <= 0) return std::max(qx, qy) - corner;
    // 8 places are kept: the squares stay whole numbers below 2^53, so the root is the same with and without FMA.
    const double dx = static_cast<double>(qx >> 8), dy = static_cast<double>(qy >> 8);
    return static_cast<std::int64_t>(std::sqrt(dx * dx + dy * dy) * 256) - corner;
  }

  /// The covered part of the pixel around (x, y), 0 to 65536. Exact for upright edges.
  std::int64_t coverage(std::int64_t x, std::int64_t y) const {
    const auto ramp = [](std::int64_t inside) { return std::clamp<std::int64_t>(32768 + inside, 0, 65536); };
    if (corner >= 65536) return ramp(-distance(x, y));
    return ramp(half_width - std::abs(x)) * ramp(half_height - std::abs(y)) >> 16;
  }
};

}  // namespace detail

/// A video made from a Scene, with the true box of its target in every frame.
///
///     check::RenderedSequence sequence(check::moving(50, 2, -1));
///     tracker.init(sequence.frame(0), sequence.box(0));
///     const double overlap = iou(tracker.update(sequence.frame(1)).box, sequence.box(1));
///
/// The box is the smallest axis-parallel one around the whole target, hidden parts included, exact to 0.01 pixels for
/// an upright target. frame(t) depends on the scene and t alone, not on what was asked before.
class RenderedSequence {
 public:
  /// Throws Error where the scene has no frames, no target, or sides that make no sense.
  explicit RenderedSequence(Scene scene) : scene_(std::move(scene)) {
    require_sound();
    Random seeds(scene_.seed);
    background_ = make_background(seeds.next());
    target_ = make_thing(scene_.target, warm, seeds.next());
    lookalike_ = make_thing(scene_.lookalike, warm, seeds.next());
    bar_ = make_thing(scene_.bar, wood, seeds.next());
    margin_ = scene_.blur;
    canvas_width_ = scene_.width + 2 * margin_;
    canvas_height_ = scene_.height + 2 * margin_;
    canvas_.resize(static_cast<std::size_t>(canvas_width_) * canvas_height_ * 3);
    scratch_.resize(static_cast<std::size_t>(canvas_width_) * 3 * 2);
    gain_.resize(static_cast<std::size_t>(scene_.width) * 3);
    if (scene_.noise > 0) make_noise(seeds.next());
    frame_ = Image(scene_.width, scene_.height, scene_.order);
  }

  int size() const { return scene_.frames; }
  const Scene& scene() const { return scene_; }

  /// The target in pixels of frame t.
  Box box(int t) const { return hull(scene_.target, seen(scene_.target, t)); }

  /// The part of the target's area that is inside of frame t and not behind the bar, in [0, 1], to about 1/1000.
  double visible_part(int t) const {
    constexpr int side = 32;
    const Pose pose = seen(scene_.target, t);
    const double radians = pose.angle * std::numbers::pi / 180, c = std::cos(radians), s = std::sin(radians);
    int all = 0, seen_ones = 0;
    for (int j = 0; j < side; ++j)
      for (int i = 0; i < side; ++i) {
        const double x = ((i + 0.5) / side - 0.5) * scene_.target.width * pose.scale;
        const double y = ((j + 0.5) / side - 0.5) * scene_.target.height * pose.scale;
        if (detail::Outline(scene_.target, pose.scale).distance(detail::fixed(x), detail::fixed(y)) > 0) continue;
        ++all;
        const Point p{pose.center.x + c * x - s * y, pose.center.y + s * x + c * y};
        const bool inside = p.x >= 0 && p.y >= 0 && p.x < scene_.width && p.y < scene_.height;
        seen_ones += inside && !behind_bar(p, t);
      }
    return static_cast<double>(seen_ones) / all;
  }
  /// Whether anything of the target can be seen in frame t.
  bool visible(int t) const { return visible_part(t) > 0; }

  /// Frame t, in memory of this object that the next call overwrites. Nothing is allocated. Pre: 0 <= t < size().
  ImageView frame(int t) {
    draw_background(t);
    draw(scene_.lookalike, lookalike_, t);
    draw(scene_.target, target_, t);
    draw(scene_.bar, bar_, t);
    for (int i = 0; i < scene_.blur; ++i) blur();
    develop(t);
    return frame_;
  }

 private:
  static constexpr std::array<Rgb, 6> meadow{
      {{28, 52, 66}, {40, 84, 76}, {74, 118, 76}, {132, 142, 84}, {176, 166, 118}, {206, 204, 180}}};
  static constexpr std::array<Rgb, 6> warm{
      {{92, 12, 40}, {206, 38, 48}, {246, 118, 38}, {110, 30, 60}, {255, 214, 92}, {255, 246, 224}}};
  static constexpr std::array<Rgb, 4> wood{{{60, 44, 40}, {92, 68, 56}, {126, 98, 76}, {150, 124, 100}}};
  static constexpr std::size_t noise_period = 65536;

  void require_sound() const {
    const auto sane = [](double v) { return v >= 1 && v <= max_frame_side; };
    if (!sane(scene_.width) || !sane(scene_.height) || scene_.frames < 1)
      throw Error(concat("RenderedSequence: ", scene_.frames, " frames of ", scene_.width, "x", scene_.height,
                         ": need at least one frame, 1 to ", max_frame_side, " each way"));
    if (!scene_.target.path) throw Error("RenderedSequence: the scene's target has no path");
    for (const Actor* a : {&scene_.target, &scene_.lookalike, &scene_.bar})
      if (!sane(a->width) || !sane(a->height) || !(a->corner >= 0 && 2 * a->corner <= std::min(a->width, a->height)))
        throw Error(concat("RenderedSequence: an actor of ", a->width, "x", a->height, " with corners of ", a->corner,
                           ": need sides of 1 to ", max_frame_side, " and corners of at most half a side"));
    if (!(scene_.noise >= 0 && scene_.noise <= 100) || scene_.blur < 0 || scene_.blur > 64)
      throw Error(concat("RenderedSequence: noise ", scene_.noise, ", blur ", scene_.blur,
                         ": need 0 to 100 grey levels, 0 to 64 times"));
  }

  Texture make_background(std::uint64_t seed) const {
    if (scene_.flat) {
      Texture black(64, 64);
      return black;
    }
    // Half a frame more than is seen at once: a camera has to travel far before the picture repeats.
    const auto side = [](int n) {
      return static_cast<int>(std::bit_ceil(static_cast<unsigned>(std::clamp(n + n / 2, 64, 2048))));
    };
    return coloured_noise(side(scene_.width), side(scene_.height), 64, 2, seed, meadow);
  }

  Texture make_thing(const Actor& actor, std::span<const Rgb> colours, std::uint64_t seed) const {
    if (!actor.path) return {};
    const int width = static_cast<int>(std::ceil(actor.width)), height = static_cast<int>(std::ceil(actor.height));
    if (scene_.flat) {
      Texture white(width, height);
      std::fill_n(white.at(0, 0), white.stride() * (height + 1), std::uint8_t{255});
      return white;
    }
    const int coarsest =
        static_cast<int>(std::bit_ceil(std::clamp(static_cast<unsigned>(std::min(width, height)) / 4, 4U, 64U)));
    const auto up = [&](int n) { return (n + coarsest - 1) / coarsest * coarsest; };
    const Texture cloth = coloured_noise(up(width), up(height), coarsest, 2, seed, colours);
    const detail::Outline outline(actor, 1);
    Texture thing(width, height);
    for (int y = 0; y <= height; ++y)
      for (int x = 0; x <= width; ++x) {
        const std::uint8_t* from = cloth.at(std::min(x, width - 1), std::min(y, height - 1));
        const std::int64_t edge =
            outline.distance(detail::fixed(x + 0.5 - actor.width / 2), detail::fixed(y + 0.5 - actor.height / 2));
        const bool rim = edge > -2 * 65536;
        for (int c = 0; c < 3; ++c) thing.at(x, y)[c] = static_cast<std::uint8_t>(rim ? from[c] / 4 : from[c]);
      }
    return thing;
  }

  /// A table of roughly normal numbers (sums of eight bytes), read at a random place for each row.
  void make_noise(std::uint64_t seed) {
    Random random(seed);
    noise_.resize(noise_period + static_cast<std::size_t>(scene_.width) * 3);
    const double byte_sum_deviation = std::sqrt(8 * (65536 - 1) / 12.0);
    for (std::size_t i = 0; i < noise_period; ++i) {
      int sum = 0;
      for (std::uint64_t bits = random.next(), k = 0; k < 8; ++k, bits >>= 8) sum += static_cast<int>(bits & 255);
      noise_[i] = static_cast<std::int16_t>(std::lround((sum - 1020) * scene_.noise / byte_sum_deviation));
    }
    for (std::size_t i = noise_period; i < noise_.size(); ++i) noise_[i] = noise_[i - noise_period];
    noise_seed_ = random.next();
  }

  Point view_corner(int t) const {
    const Point c = scene_.camera ? scene_.camera(t) : Point{};
    return {c.x - scene_.shift_x, c.y - scene_.shift_y};
  }
  /// The actor's pose in pixels of frame t.
  Pose seen(const Actor& actor, int t) const {
    Pose pose = actor.path(t);
    const Point corner = view_corner(t);
    pose.center.x -= corner.x;
    pose.center.y -= corner.y;
    return pose;
  }
  bool behind_bar(Point p, int t) const {
    if (!scene_.bar.path) return false;
    const Pose pose = seen(scene_.bar, t);
    const double radians = pose.angle * std::numbers::pi / 180, c = std::cos(radians), s = std::sin(radians);
    const double x = p.x - pose.center.x, y = p.y - pose.center.y;
    return detail::Outline(scene_.bar, pose.scale)
               .distance(detail::fixed(c * x + s * y), detail::fixed(c * y - s * x)) < 0;
  }

  std::uint8_t* canvas_row(int y) { return canvas_.data() + static_cast<std::ptrdiff_t>(y) * canvas_width_ * 3; }

  void draw_background(int t) {
    const Point corner = view_corner(t);
    const std::int64_t x0 = detail::fixed(corner.x - margin_), y0 = detail::fixed(corner.y - margin_);
    const int fx = static_cast<int>(x0 >> 8 & 255), fy = static_cast<int>(y0 >> 8 & 255);
    const std::int64_t width = background_.width(), height = background_.height();
    const auto wrap = [](std::int64_t i, std::int64_t n) { return static_cast<int>(((i % n) + n) % n); };
    for (int j = 0; j < canvas_height_; ++j) {
      const int y = wrap((y0 >> 16) + j, height);
      std::uint8_t* out = canvas_row(j);
      for (int i = 0; i < canvas_width_;) {
        const int x = wrap((x0 >> 16) + i, width);
        const int run = std::min<int>(canvas_width_ - i, static_cast<int>(width) - x);
        const std::uint8_t* upper = background_.at(x, y);
        const std::uint8_t* lower = upper + background_.stride();
        if (fx == 0 && fy == 0) {
          std::copy_n(upper, run * 3, out + i * 3);
        } else {
          std::uint8_t* to = out + i * 3;
#pragma omp simd
          for (int k = 0; k < run * 3; ++k) {
            const int a = upper[k] * (256 - fx) + upper[k + 3] * fx, b = lower[k] * (256 - fx) + lower[k + 3] * fx;
            to[k] = static_cast<std::uint8_t>((a * (256 - fy) + b * fy + 32768) >> 16);
          }
        }
        i += run;
      }
    }
  }

  void draw(const Actor& actor, const Texture& texture, int t) {
    if (!actor.path) return;
    const Pose pose = seen(actor, t);
    if (!(pose.scale > 0)) return;
    const Box box = hull(actor, pose);
    const auto clip = [this](double v, int n) { return static_cast<int>(std::clamp(v + margin_, 0.0, double(n))); };
    const int i0 = clip(std::floor(box.x) - 1, canvas_width_), i1 = clip(std::ceil(box.x + box.w) + 1, canvas_width_);
    const int j0 = clip(std::floor(box.y) - 1, canvas_height_), j1 = clip(std::ceil(box.y + box.h) + 1, canvas_height_);
    const double radians = pose.angle * std::numbers::pi / 180;
    const std::int64_t c = std::llround(std::cos(radians) * 0x1p30), s = std::llround(std::sin(radians) * 0x1p30);
    const std::int64_t per_scale = detail::fixed(1 / pose.scale);
    const std::int64_t cx = detail::fixed(pose.center.x + margin_), cy = detail::fixed(pose.center.y + margin_);
    const detail::Outline outline(actor, pose.scale);
    const std::int64_t middle_u = detail::fixed(actor.width / 2 - 0.5),
                       middle_v = detail::fixed(actor.height / 2 - 0.5);
    const std::int64_t last_u = std::int64_t{texture.width() - 1} << 16,
                       last_v = std::int64_t{texture.height() - 1} << 16;
    for (int j = j0; j < j1; ++j) {
      const std::int64_t dx = (std::int64_t{i0} << 16) + 32768 - cx, dy = (std::int64_t{j} << 16) + 32768 - cy;
      // Along a row the place in the actor moves by (c, -s) a pixel: sums with 46 places, read with 16.
      std::int64_t along = c * dx + s * dy, across = c * dy - s * dx;
      std::uint8_t* out = canvas_row(j) + i0 * 3;
      for (int i = i0; i < i1; ++i, out += 3, along += c << 16, across -= s << 16) {
        const std::int64_t x = along >> 30, y = across >> 30;
        const std::int64_t cover = outline.coverage(x, y);
        if (cover == 0) continue;
        const std::int64_t u = std::clamp<std::int64_t>((x * per_scale >> 16) + middle_u, 0, last_u);
        const std::int64_t v = std::clamp<std::int64_t>((y * per_scale >> 16) + middle_v, 0, last_v);
        const std::uint8_t* upper = texture.at(static_cast<int>(u >> 16), static_cast<int>(v >> 16));
        const std::uint8_t* lower = upper + texture.stride();
        const int fu = static_cast<int>(u >> 8 & 255), fv = static_cast<int>(v >> 8 & 255);
        for (int k = 0; k < 3; ++k) {
          const int a = upper[k] * (256 - fu) + upper[k + 3] * fu, b = lower[k] * (256 - fu) + lower[k + 3] * fu;
          const std::int64_t colour = a * (256 - fv) + b * fv;
          out[k] = static_cast<std::uint8_t>(
              (colour * cover + out[k] * (65536 - cover) * 65536 + (std::int64_t{1} << 31)) >> 32);
        }
      }
    }
  }

  /// [1 2 1] / 4 along both axes; the margin keeps what is wrong at the edge out of the frame.
  void blur() {
    const int n = canvas_width_ * 3;
    for (int y = 0; y < canvas_height_; ++y) {
      std::uint8_t* row = canvas_row(y);
      std::uint8_t* sharp = scratch_.data();
      std::copy_n(row, n, sharp);
      for (int i = 3; i < n - 3; ++i)
        row[i] = static_cast<std::uint8_t>((sharp[i - 3] + 2 * sharp[i] + sharp[i + 3] + 2) / 4);
    }
    std::uint8_t* above = scratch_.data();
    std::uint8_t* sharp = scratch_.data() + n;
    std::copy_n(canvas_row(0), n, above);
    for (int y = 1; y + 1 < canvas_height_; ++y) {
      std::uint8_t* row = canvas_row(y);
      const std::uint8_t* below = canvas_row(y + 1);
      std::copy_n(row, n, sharp);
      for (int i = 0; i < n; ++i) row[i] = static_cast<std::uint8_t>((above[i] + 2 * sharp[i] + below[i] + 2) / 4);
      std::swap(above, sharp);
    }
  }

  /// Light, noise and pixel order: the canvas becomes the frame.
  void develop(int t) {
    const Light light = scene_.light ? scene_.light(t) : Light{};
    const bool lit = !(light.gain == 1 && light.slope == Point{});
    const int n = scene_.width * 3;
    for (int y = 0; y < scene_.height; ++y) {
      std::uint8_t* row = canvas_row(y + margin_) + margin_ * 3;
      if (lit) shine(light, y, row);
      if (!noise_.empty()) {
        const std::uint64_t key = Random(noise_seed_ + static_cast<std::uint64_t>(t) * 0x10001ULL).next();
        const std::uint64_t start = Random(key + static_cast<std::uint64_t>(y - scene_.shift_y)).next();
        const std::int16_t* grain =
            noise_.data() + (start - static_cast<std::uint64_t>(scene_.shift_x * 3)) % noise_period;
#pragma omp simd
        for (int i = 0; i < n; ++i) row[i] = static_cast<std::uint8_t>(std::clamp(row[i] + grain[i], 0, 255));
      }
      std::uint8_t* out = frame_.at(0, y);
      switch (scene_.order) {
        case PixelOrder::rgb: std::copy_n(row, n, out); break;
        case PixelOrder::bgr:
          for (int i = 0; i < n; i += 3) out[i] = row[i + 2], out[i + 1] = row[i + 1], out[i + 2] = row[i];
          break;
        case PixelOrder::grey:  // 0.299 R + 0.587 G + 0.114 B
          for (int i = 0; i < scene_.width; ++i)
            out[i] =
                static_cast<std::uint8_t>((row[3 * i] * 77 + row[3 * i + 1] * 150 + row[3 * i + 2] * 29 + 128) / 256);
          break;
      }
    }
  }

  /// Multiplies row y by the light there, with 8 binary places.
  void shine(const Light& light, int y, std::uint8_t* row) {
    // The light's place in the scene, so that it moves with shift_x and shift_y.
    const double v = (y - scene_.shift_y + 0.5) / scene_.height - 0.5;
    for (int x = 0; x < scene_.width; ++x) {
      const double u = (x - scene_.shift_x + 0.5) / scene_.width - 0.5;
      const double gain = std::clamp(light.gain + light.slope.x * u + light.slope.y * v, 0.0, 16.0);
      const int whole = static_cast<int>(gain * 256 + 0.5);
      for (int k = 0; k < 3; ++k) gain_[static_cast<std::size_t>(x) * 3 + k] = static_cast<std::uint16_t>(whole);
    }
    const std::uint16_t* gain = gain_.data();
#pragma omp simd
    for (int i = 0; i < scene_.width * 3; ++i)
      row[i] = static_cast<std::uint8_t>(std::min((row[i] * gain[i] + 128) >> 8, 255));
  }

  Scene scene_;
  Texture background_, target_, lookalike_, bar_;
  int margin_ = 0;
  int canvas_width_ = 0;
  int canvas_height_ = 0;
  std::vector<std::uint8_t> canvas_;   ///< RGB, the frame with `margin_` more on each side
  std::vector<std::uint8_t> scratch_;  ///< two rows of the canvas
  std::vector<std::uint16_t> gain_;
  std::vector<std::int16_t> noise_;
  std::uint64_t noise_seed_ = 0;
  Image frame_;
};

}  // namespace pursuit::inline v0::check
