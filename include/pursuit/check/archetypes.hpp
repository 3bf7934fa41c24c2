// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/concepts/backbone.hpp>
#include <pursuit/concepts/classifier.hpp>
#include <pursuit/concepts/state_estimator.hpp>
#include <pursuit/core/crop.hpp>
#include <pursuit/track/search_region.hpp>

#include <array>
#include <cstddef>
#include <span>
#include <vector>

// The least that fits each concept: no default constructor and nothing that the concept does not name. A template that
// compiles with these leans on nothing but the concepts. They do a little honest work, so that a loop can run with
// them.

namespace pursuit::inline v0::check {

/// Gives the patch itself as features: three channels, one cell a pixel.
class BackboneArchetype {
 public:
  static constexpr int channels = 3;

  explicit BackboneArchetype(int) {}
  BackboneArchetype() = delete;
  PixelFormat pixels() const { return {}; }
  FeatureMaps<> extract(const TensorView<const float, 4>& patches) {
    memory_.assign(patches.begin(), patches.end());
    FeatureMaps<> maps;
    maps.add({{memory_.data(), patches.shape}, 1.0});
    return maps;
  }

 private:
  std::vector<float> memory_;
};

/// Answers with the first channel.
class ClassifierArchetype {
 public:
  static constexpr int channels = 3;

  explicit ClassifierArchetype(int) {}
  ClassifierArchetype() = delete;
  void init(const Sample<>&) {}
  ResponseMap<> respond(const FeatureMaps<>& features) {
    const auto& x = features.top().values;
    const Index cells = x.shape[2] * x.shape[3];
    memory_.clear();
    for (Index i = 0; i < x.shape[0]; ++i) memory_.insert(memory_.end(), x[i].data, x[i].data + cells);
    return {.values = {memory_.data(), {x.shape[0], x.shape[2], x.shape[3]}}, .stride = features.top().stride};
  }

 private:
  std::vector<float> memory_;
};

/// Leaves the target where it is.
class EstimatorArchetype {
 public:
  explicit EstimatorArchetype(int) {}
  EstimatorArchetype() = delete;
  std::span<const double> scales() const {
    static constexpr std::array<double, 1> same{1.0};
    return same;
  }
  TargetState estimate(const ResponseMap<>&, const TargetState& previous) const { return previous; }
};

/// Shows the box, one patch pixel for each pixel of the frame's neighbourhood, 8 x 6 of them.
class RegionArchetype {
 public:
  explicit RegionArchetype(int) {}
  RegionArchetype() = delete;
  void start(const ImageView&, const Box&) {}
  Crop exemplar(const ImageView&, const TargetState& state) const {
    return corner_aligned(center(state.track.box), 8, 6, 8, 6);
  }
  Crop search(const ImageView& frame, const TargetState& state, double) const { return exemplar(frame, state); }
};

}  // namespace pursuit::inline v0::check
