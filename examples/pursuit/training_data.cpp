// SPDX-License-Identifier: MIT
#include "training_data.hpp"

#include "training_processes.hpp"

#include <pursuit/check/rendered.hpp>
#include <pursuit/core/random.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace check = pursuit::check;
using pursuit::Point;
using pursuit::Random;

/// A path that wanders, grows, shrinks and tilts, by four slow waves.
std::function<check::Pose(int)> wandering(const check::Scene& scene, int frames, Random& random) {
  const double pace = random.uniform(0.3, 1.2), phase = random.uniform(0, 6), size = random.uniform(0, 0.35);
  const double tilt = random.uniform(0, 15), reach_x = random.uniform(0.1, 0.35), reach_y = random.uniform(0.1, 0.3);
  const Point middle{scene.width * random.uniform(0.4, 0.6), scene.height * random.uniform(0.4, 0.6)};
  return [=, width = scene.width, height = scene.height](int t) {
    const double turn = 2 * std::numbers::pi * pace * t / frames + phase;
    return check::Pose{
        {middle.x + reach_x * width * std::sin(turn), middle.y + reach_y * height * std::sin(1.3 * turn)},
        std::exp(size * std::sin(0.7 * turn + 1)),
        tilt * std::sin(0.9 * turn)};
  };
}

check::Scene made_up_scene(int frames, Random random) {
  check::Scene scene{.frames = frames, .seed = random.next()};
  const double root = random.uniform(18, 80), aspect = std::exp(random.uniform(-0.8, 0.8));
  auto& target = scene.target;
  target = {.width = root * aspect, .height = root / aspect, .corner = 0};
  target.corner = std::min(target.width, target.height) * random.uniform(0, 0.5);
  target.path = wandering(scene, frames, random);
  if (random.uniform() < 0.5) {
    scene.lookalike = target;
    scene.lookalike.path = wandering(scene, frames, random);
  }
  if (random.uniform() < 0.3) {
    scene.bar = {.width = random.uniform(8, 30), .height = 2.0 * scene.height, .corner = 0};
    scene.bar.path = check::straight({scene.width * random.uniform(), scene.height / 2.0}, {0, 0});
  }
  const double shake = random.uniform(0, 8), dark = random.uniform(0, 0.5);
  scene.camera = [=](int t) { return Point{shake * std::sin(0.7 * t), shake * std::sin(0.45 * t)}; };
  scene.light = [=](int t) { return check::Light{1 - dark * (0.5 - 0.5 * std::cos(0.2 * t)), {}}; };
  scene.noise = random.uniform(0, 5);
  scene.blur = static_cast<int>(random.below(3));
  return scene;
}

void add_rendered(pursuit::TrainingFrames& frames, const TrainingDataConfig::Rendered& config) {
  frames.add_source("rendered", config.weight);
  for (int i = 0; i < config.count; ++i) {
    check::RenderedSequence sequence(
        made_up_scene(config.frames, Random(config.seed).fork(pursuit::concat("scene ", i))));
    std::vector<pursuit::Image> images;
    std::vector<pursuit::Box> boxes;
    for (int t = 0; t < sequence.size(); ++t) {
      images.emplace_back(sequence.frame(t));
      boxes.push_back(sequence.visible_part(t) > 0.4 ? sequence.box(t) : pursuit::no_box);
    }
    frames.add(pursuit::concat("rendered ", i), std::move(images), boxes);
  }
}

/// What was left out, on standard error: of many the first few.
void show_notes(const std::vector<std::string>& notes) {
  constexpr std::size_t most = 10;
  for (std::size_t i = 0; i < std::min(notes.size(), most); ++i) std::cerr << "pursuit: note: " << notes[i] << '\n';
  if (notes.size() > most) std::cerr << "pursuit: note: and " << notes.size() - most << " more\n";
}

}  // namespace

std::shared_ptr<const pursuit::TrainingFrames> open_training_data(const TrainingDataConfig& config) {
  auto frames = std::make_shared<pursuit::TrainingFrames>(config.cache_megabytes << 20);
  for (const auto& source : config.sequences) {
    frames->add_source(source.path.string(), source.weight);
    frames->add_dataset(source.path);
  }
  for (const auto& source : config.stills) {
    frames->add_source(source.path.string(), source.weight);
    frames->add_stills(std::filesystem::is_directory(source.path) ? source.path / "boxes.csv" : source.path);
  }
  if (config.rendered.count > 0) add_rendered(*frames, config.rendered);
  if (is_first_process()) show_notes(frames->notes());
  return frames;
}
