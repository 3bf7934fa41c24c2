// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/features.hpp>
#include <pursuit/io/weights.hpp>
#include <pursuit/nn/parameters.hpp>
#include <pursuit/nn/plan.hpp>

#include <string>

namespace pursuit::inline v0 {

/// What backbones of one network and one level have in common: layers that take three channels, compiled for inference.
class NetworkFeatures {
 public:
  /// Shapes  patches (N, 3, h, w) -> (N, channels, H, W). Throws ShapeError where patches are smaller than the
  /// network's reach.
  FeatureMaps<> extract(const TensorView<const float, 4>& patches) {
    plan_.run(patches);
    FeatureMaps<> maps;
    maps.add({plan_.output(), stride_});
    return maps;
  }

 protected:
  /// `stride` in pixels of the patch. Throws FileError where a tensor is missing or has another shape.
  template <class Layers>
  NetworkFeatures(Layers layers, const Weights& weights, const std::string& prefix, double stride)
      : plan_((nn::load(layers, weights, prefix), nn::Plan<>::of(layers, 3))), stride_(stride) {}

 private:
  nn::Plan<> plan_;
  double stride_;
};

}  // namespace pursuit::inline v0
