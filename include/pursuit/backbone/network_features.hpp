// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/features.hpp>
#include <pursuit/core/precision.hpp>
#include <pursuit/io/weights.hpp>
#include <pursuit/nn/parameters.hpp>
#include <pursuit/nn/plan.hpp>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace pursuit::inline v0 {

/// What backbones of one network have in common: layers that take three channels and give one level or several,
/// compiled for inference.
class NetworkFeatures {
 public:
  /// Shapes  patches (N, 3, h, w) -> (N, channels, H, W) of each level. Throws ShapeError where patches are smaller
  /// than the network's reach.
  FeatureMaps<> extract(const TensorView<const float, 4>& patches) {
    plan_.run(patches);
    FeatureMaps<> maps;
    for (std::size_t i = 0; i < strides_.size(); ++i) maps.add({plan_.output(i), strides_[i]});
    return maps;
  }

 protected:
  /// The stride of each level in pixels of the patch. Throws FileError where a tensor is missing or has another shape.
  template <class Layers>
  NetworkFeatures(Layers layers, const Weights& weights, const std::string& prefix, std::vector<double> strides,
                  Precision precision = Precision::float32)
      : plan_((nn::load(layers, weights, prefix), nn::Plan<>::of(layers, 3, precision))),
        strides_(std::move(strides)) {}
  template <class Layers>
  NetworkFeatures(Layers layers, const Weights& weights, const std::string& prefix, double stride,
                  Precision precision = Precision::float32)
      : NetworkFeatures(std::move(layers), weights, prefix, std::vector<double>{stride}, precision) {}

 private:
  nn::Plan<> plan_;
  std::vector<double> strides_;
};

}  // namespace pursuit::inline v0
