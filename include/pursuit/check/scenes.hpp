// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/check/scene.hpp>
#include <pursuit/core/box.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <numbers>

namespace pursuit::inline v0::check {

/// A target that goes straight, (dx, dy) pixels a frame, from the middle of what it crosses.
inline Scene moving(int frames, double dx, double dy, std::uint64_t seed = 1) {
  Scene scene{.frames = frames, .seed = seed};
  const Point middle{scene.width / 2.0, scene.height / 2.0};
  scene.target.path = straight({middle.x - dx * (frames - 1) / 2, middle.y - dy * (frames - 1) / 2}, {dx, dy});
  return scene;
}

/// A target that stands still.
inline Scene still(int frames, std::uint64_t seed = 1) { return moving(frames, 0, 0, seed); }

/// A target that swings to and fro as fast as `speed` pixels a frame.
inline Scene fast(int frames, double speed, std::uint64_t seed = 1) {
  Scene scene = still(frames, seed);
  const double reach = 70, period = 2 * std::numbers::pi * reach / speed;
  scene.target.path = swinging(scene.target.path(0).center, {reach, reach / 2}, {period, period * 1.7});
  return scene;
}

/// A target whose size is multiplied by `factor` from the first frame to the last.
inline Scene growing(int frames, double factor, std::uint64_t seed = 1) {
  Scene scene = still(frames, seed);
  scene.target.path = [middle = scene.target.path(0).center, factor, last = std::max(frames - 1, 1)](int t) {
    return Pose{middle, std::pow(factor, static_cast<double>(t) / last)};
  };
  return scene;
}

/// A target that turns in the image plane, degrees a frame.
inline Scene turning(int frames, double degrees, std::uint64_t seed = 1) {
  Scene scene = still(frames, seed);
  scene.target.path = [middle = scene.target.path(0).center, degrees](int t) { return Pose{middle, 1, degrees * t}; };
  return scene;
}

/// The light goes down to `darkest` and back, and falls from the side.
inline Scene dimming(int frames, double darkest, std::uint64_t seed = 1) {
  Scene scene = moving(frames, 0.5, 0.25, seed);
  scene.light = [=](int t) {
    const double dip = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * t / frames);
    return Light{1 - (1 - darkest) * dip, {0.3 * dip, 0}};
  };
  return scene;
}

/// A bar passes in front of a slow target and hides it wholly around the middle frame, for `hidden` frames.
inline Scene occluded(int frames, int hidden, std::uint64_t seed = 1) {
  Scene scene = moving(frames, 0.5, 0, seed);
  const double relative = 4, speed = relative + 0.5;
  scene.bar = {.width = scene.target.width + relative * hidden, .height = 1.0 * scene.height, .corner = 0};
  scene.bar.path = straight({scene.width / 2.0 - speed * (frames - 1) / 2, scene.height / 2.0}, {speed, 0});
  return scene;
}

/// A thing of the same colours and shape passes close by.
inline Scene lookalike(int frames, std::uint64_t seed = 1) {
  Scene scene = moving(frames, 0.5, 0.5, seed);
  scene.lookalike = scene.target;
  scene.lookalike.path =
      straight({scene.width / 2.0 + 1.5 * (frames - 1), scene.height / 2.0 - scene.target.height * 1.5}, {-3, 0});
  return scene;
}

/// The target leaves the view to the right and comes back: it is wholly outside for about a third of the frames.
inline Scene leaving(int frames, std::uint64_t seed = 1) {
  Scene scene = still(frames, seed);
  const double reach = scene.width;
  scene.target.path = [=, start = scene.target.path(0).center](int t) {
    const double swing = std::sin(std::numbers::pi * t / std::max(frames - 1, 1));
    return Pose{{start.x + reach * swing * swing, start.y + 10 * swing}};
  };
  return scene;
}

/// A thing of the same colours and shape stays beside the target, while a bar passes in front of the target alone and
/// hides it for `hidden` frames.
inline Scene hidden_beside_lookalike(int frames, int hidden, std::uint64_t seed = 1) {
  Scene scene = occluded(frames, hidden, seed);
  scene.bar.height = 1.2 * scene.target.height;
  scene.lookalike = scene.target;
  scene.lookalike.path = [path = scene.target.path, down = 1.7 * scene.target.height](int t) {
    const Pose pose = path(t);
    return Pose{{pose.center.x, pose.center.y + down}};
  };
  return scene;
}

/// The camera shakes by up to `reach` pixels while the target goes its way.
inline Scene shaking(int frames, double reach, std::uint64_t seed = 1) {
  Scene scene = moving(frames, 0.5, 0, seed);
  scene.camera = [=](int t) {
    return Point{reach * std::sin(0.7 * t), reach * std::sin(0.45 * t + 1) - reach * std::sin(1)};
  };
  return scene;
}

/// The same scene with all frames displaced by whole pixels: frame(t) of the one at (x, y) is frame(t) of the other at
/// (x + dx, y + dy), exactly. What comes in at the edge continues the scene.
inline Scene shifted(Scene scene, int dx, int dy) {
  scene.shift_x += dx;
  scene.shift_y += dy;
  return scene;
}

/// The library's own clip: five seconds in which a target wanders, comes nearer, tilts, dims, passes behind a post and
/// meets its lookalike, under a camera that is held by hand.
inline Scene demo_clip() {
  Scene scene{.width = 480, .height = 360, .frames = 150, .seed = 11};
  scene.target = {.width = 62, .height = 50, .corner = 16};
  scene.target.path = [](int t) {
    const double turn = 2 * std::numbers::pi * t / 150 - 1;
    return Pose{{240 + 150 * std::sin(turn), 190 + 70 * std::sin(2 * turn + 0.6)},
                1 + 0.3 * std::sin(turn - 0.4),
                14 * std::sin(1.5 * turn)};
  };
  scene.lookalike = scene.target;
  scene.lookalike.path = [](int t) {
    return Pose{{560 - 3.2 * t, 240 + 40 * std::sin(t / 17.0)}, 0.95, 8 * std::sin(t / 9.0)};
  };
  scene.bar = {.width = 26, .height = 420, .corner = 6};
  scene.bar.path = straight({300, 190}, {0, 0});
  scene.camera = [](int t) { return Point{6 * std::sin(t / 11.0) + 2 * std::sin(t / 2.3), 4 * std::sin(t / 7.0)}; };
  scene.light = [](int t) {
    const double dip = std::exp(-std::pow((t - 60) / 16.0, 2));
    return Light{1 - 0.45 * dip, {0.25 * std::sin(t / 30.0), 0}};
  };
  scene.noise = 3;
  return scene;
}

}  // namespace pursuit::inline v0::check
