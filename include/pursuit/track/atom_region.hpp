// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/crop.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/core/image.hpp>
#include <pursuit/core/track.hpp>

#include <algorithm>
#include <cmath>

namespace pursuit::inline v0 {

/// A square of `padding` times the target's size (the root of its area) around its centre, resized to a patch of always
/// the same size: the rule of ATOM and what descends from it.
///
///     pos   = (x + (w - 1) / 2, y + (h - 1) / 2)
///     scale = sqrt(w h) padding / patch                   pixels of the frame for one of the patch
///     d     = max(floor(scale - 0.1), 1)                  every d-th pixel is looked at
///     n     = max(round(scale patch / d), 2)              as many of them, from trunc(pos) - floor((n - 1) / 2) on
///
/// resized with half-pixel centres. Beyond the frame the nearest pixel is repeated. Places in the patch are reckoned
/// from round(pos), and the exemplar, the middle of a patch of twice the size, is cut out there too.
///
/// Ref  Danelljan et al. 2019; visionml/pytracking (`sample_patch`).
class AtomRegion {
 public:
  struct Options {
    int patch = 288;     ///< pixels a side; made such that the cells are an even number
    double padding = 5;  ///< square over target, per side
    int cell = 16;       ///< pixels of the patch that a cell of the features takes
    bool odd = false;    ///< an odd number of cells instead
  };

  AtomRegion() : AtomRegion(Options{}) {}
  /// Throws Error unless the patch has 16 to 4096 pixels a side, cells have 1 to 256 and no more than the patch, and
  /// the padding is positive and at most 1000.
  explicit AtomRegion(const Options& o) : padding_(o.padding) {
    if (o.patch < 16 || o.patch > 4096 || o.cell < 1 || o.cell > std::min(o.patch, 256) ||
        !(o.padding > 0 && o.padding <= 1000))
      throw Error(concat("AtomRegion: patch of ", o.patch, " pixels in cells of ", o.cell, ", padding ", o.padding,
                         ": need 16 to 4096, 1 to 256 but no more than the patch, and more than 0 to 1000"));
    const int whole = o.odd ? o.patch : o.patch + o.cell;
    patch_ = o.patch + o.cell - whole % (2 * o.cell);
    published_ = o.patch;
  }

  /// Pixels of the patch, each way.
  int patch() const { return patch_; }

  void start(const ImageView&, const Box&) {}

  Crop exemplar(const ImageView& frame, const TargetState& state) const {
    const Point pos = position(state);
    const Point middle{std::nearbyint(pos.x), std::nearbyint(pos.y)};
    Crop crop = square(frame, middle, scale(state), 2 * patch_);
    crop.x += crop.step_x * patch_ / 2.0;
    crop.y += crop.step_y * patch_ / 2.0;
    crop.width = crop.height = patch_;
    crop.middle = middle;
    return crop;
  }
  Crop search(const ImageView& frame, const TargetState& state, double factor) const {
    const Point pos = position(state);
    Crop crop = square(frame, {std::trunc(pos.x), std::trunc(pos.y)}, scale(state) * factor, patch_);
    crop.middle = Point{std::nearbyint(pos.x), std::nearbyint(pos.y)};
    return crop;
  }

 private:
  static Point position(const TargetState& state) {
    const Box& b = state.track.box;
    return {b.x + (b.w - 1) / 2, b.y + (b.h - 1) / 2};
  }
  double scale(const TargetState& state) const {
    return std::sqrt(state.track.box.w * state.track.box.h) * padding_ / published_;
  }

  /// `at` is a whole pixel of the frame.
  static Crop square(const ImageView& frame, Point at, double scale, int patch) {
    const auto every = static_cast<int>(std::clamp(std::floor(scale - 0.1), 1.0, 1024.0));
    const auto phase = [every](double p) { return static_cast<int>(p - every * std::floor(p / every)); };
    Crop crop{.width = patch, .height = patch, .border = Border::replicate};
    const int phase_x = phase(at.x), phase_y = phase(at.y);
    if (phase_x < frame.width && phase_y < frame.height) {
      crop.every = every;
      crop.phase = {phase_x, phase_y};
    }
    const double pixels = std::max(std::nearbyint(scale * patch / crop.every), 2.0);
    const double left = std::floor((pixels - 1) / 2) * crop.every;
    crop.window = {static_cast<int>(at.x - left), static_cast<int>(at.y - left),
                   static_cast<int>(at.x - left + (pixels - 1) * crop.every),
                   static_cast<int>(at.y - left + (pixels - 1) * crop.every)};
    const double step = pixels / patch;
    crop.step_x = crop.step_y = step * crop.every;
    crop.x = crop.window.x0 + 0.5 * (step - 1) * crop.every;
    crop.y = crop.window.y0 + 0.5 * (step - 1) * crop.every;
    crop.unit_x = crop.unit_y = scale;
    return crop;
  }

  double padding_;
  int published_ = 288;  // what the scale refers to
  int patch_ = 288;
};

}  // namespace pursuit::inline v0
