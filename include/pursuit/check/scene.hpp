// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/box.hpp>
#include <pursuit/core/image.hpp>

#include <cmath>
#include <cstdint>
#include <functional>
#include <numbers>

namespace pursuit::inline v0::check {

/// Where a thing is in one frame.
struct Pose {
  Point center;      ///< pixels of the scene: those of frame 0 where no camera moves
  double scale = 1;  ///< of its first size
  double angle = 0;  ///< degrees, clockwise on the screen
};

/// The light of one frame: each pixel is multiplied by gain, plus slope times its distance from the middle of the
/// frame in frame widths and heights.
struct Light {
  double gain = 1;
  Point slope{};
};

/// A thing in a scene: a textured rectangle with corners of radius `corner`, half of the smaller side making a
/// disc or a capsule.
struct Actor {
  double width = 48;  ///< pixels at scale 1
  double height = 40;
  double corner = 8;
  std::function<Pose(int frame)> path{};  ///< empty: the thing is not there
};

/// What a rendered sequence shows. Drawn from back to front: background, lookalike, target, bar.
struct Scene {
  int width = 320;  ///< pixels of a frame
  int height = 240;
  int frames = 100;
  std::uint64_t seed = 1;  ///< of every texture

  Actor target{};
  Actor lookalike{};  ///< has the target's colours and a pattern of its own
  Actor bar{};        ///< passes in front of the target

  std::function<Point(int frame)> camera{};  ///< the part of the scene that is at the frame's corner; empty: (0, 0)
  std::function<Light(int frame)> light{};   ///< empty: as it is
  double noise = 0;                          ///< standard deviation of the sensor's noise, in grey levels
  int blur = 0;                              ///< how often [1 2 1] / 4 is applied along both axes
  PixelOrder order = PixelOrder::rgb;
  bool flat = false;  ///< a white target on black: for measuring the box

  int shift_x = 0;  ///< whole pixels that everything, light and noise included, is displaced by
  int shift_y = 0;
};

/// Goes straight, `velocity` pixels a frame.
inline std::function<Pose(int)> straight(Point from, Point velocity, double scale = 1, double angle = 0) {
  return [=](int t) { return Pose{{from.x + t * velocity.x, from.y + t * velocity.y}, scale, angle}; };
}

/// Swings around `middle` by `reach` pixels, once in `period` frames along each axis; starts in the middle.
inline std::function<Pose(int)> swinging(Point middle, Point reach, Point period) {
  return [=](int t) {
    const double turn = 2 * std::numbers::pi * t;
    return Pose{{middle.x + reach.x * std::sin(turn / period.x), middle.y + reach.y * std::sin(turn / period.y)}};
  };
}

/// The smallest axis-parallel box around `actor` where `pose` puts it, whether it can be seen or not.
inline Box hull(const Actor& actor, const Pose& pose) {
  const double radians = pose.angle * std::numbers::pi / 180;
  const double c = std::abs(std::cos(radians)), s = std::abs(std::sin(radians));
  const double a = actor.width / 2 - actor.corner, b = actor.height / 2 - actor.corner;
  return box_around(pose.center, 2 * pose.scale * (a * c + b * s + actor.corner),
                    2 * pose.scale * (a * s + b * c + actor.corner));
}

}  // namespace pursuit::inline v0::check
