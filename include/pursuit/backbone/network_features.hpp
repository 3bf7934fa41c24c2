// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/buffer.hpp>
#include <pursuit/core/features.hpp>
#include <pursuit/core/precision.hpp>
#include <pursuit/io/weights.hpp>
#include <pursuit/nn/parameters.hpp>
#include <pursuit/nn/plan.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace pursuit::inline v0 {

/// What backbones of one network have in common: layers that take three channels and give one level or several,
/// compiled for inference.
class NetworkFeatures {
 public:
  /// Makes ready for single patches of so many pixels a side: packs the weights, and takes the memory that the first
  /// extract() would take.
  void prepare(Index side) { plan_.prepare({1, 3, side, side}); }

  /// Shapes  patches (N, 3, h, w) -> (N, channels, H, W) of each level. Throws ShapeError where patches are smaller
  /// than the network's reach.
  FeatureMaps<> extract(const TensorView<const float, 4>& patches) {
    FeatureMaps<> maps;
    if (patches.shape[0] <= most_together) {
      plan_.run(patches);
      for (std::size_t i = 0; i < strides_.size(); ++i) maps.add({plan_.output(i), strides_[i]});
      return maps;
    }
    for (Index image = 0; image < patches.shape[0]; ++image) {
      plan_.run(patches.slice(image, image + 1));
      for (std::size_t i = 0; i < strides_.size(); ++i) {
        const auto one = plan_.output(i);
        std::copy(one.begin(), one.end(), collected(i, patches.shape[0])[image].data);
      }
    }
    for (std::size_t i = 0; i < strides_.size(); ++i) maps.add({collected(i, patches.shape[0]), strides_[i]});
    return maps;
  }

 protected:
  /// The stride of each level in pixels of the patch. Throws FileError where a tensor is missing or has another shape.
  template <class Layers>
  NetworkFeatures(Layers layers, const Weights& weights, const std::string& prefix, std::vector<double> strides,
                  Precision precision = Precision::float32)
      : plan_((nn::load(layers, weights, prefix), nn::Plan<>::of(layers, 3, precision))),
        strides_(std::move(strides)),
        collected_(strides_.size()) {}
  template <class Layers>
  NetworkFeatures(Layers layers, const Weights& weights, const std::string& prefix, double stride,
                  Precision precision = Precision::float32)
      : NetworkFeatures(std::move(layers), weights, prefix, std::vector<double>{stride}, precision) {}

 private:
  /// More than any tracker has scales. A first frame's views are more, and go through the network one after the other:
  /// what lies between its layers then stays in the caches, and takes a fraction of the memory.
  static constexpr Index most_together = 8;

  TensorView<float, 4> collected(std::size_t level, Index images) {
    const Shape<4> one = plan_.output(level).shape;
    return collected_[level].view(Shape<4>{images, one[1], one[2], one[3]});
  }

  nn::Plan<> plan_;
  std::vector<double> strides_;
  std::vector<Buffer<float>> collected_;  // of each level, of views that went one after the other
};

}  // namespace pursuit::inline v0
