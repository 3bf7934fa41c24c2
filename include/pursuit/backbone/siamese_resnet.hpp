// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/backbone/network_features.hpp>
#include <pursuit/backbone/resnet.hpp>
#include <pursuit/core/precision.hpp>
#include <pursuit/io/weights.hpp>
#include <pursuit/nn/parameters.hpp>

#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace pursuit::inline v0 {

/// Channels that the last three stages of SiamRPN++'s network are narrowed to.
using SiameseNeck = std::array<int, 3>;

inline constexpr SiameseNeck siamese_neck{256, 256, 256};
inline constexpr SiameseNeck long_term_neck{128, 256, 512};

/// Stages 2 to 4 of a residual network, all of one stride, each narrowed by a 1 x 1 convolution with batch norm, one
/// after the other. Names are those of STVIR/pysot: backbone.layer2.0.conv1, neck.downsample2.downsample.0.
struct SiameseResNetLayers {
  explicit SiameseResNetLayers(const ResNetShape& shape = siamese_resnet50, const SiameseNeck& neck = siamese_neck)
      : network(shape) {
    for (std::size_t i = 0; i < neck.size(); ++i)
      adjust.emplace_back(nn::Conv2d<float>(shape.channels(static_cast<int>(i) + 1), neck[i], 1, {.bias = false}),
                          nn::BatchNorm2d<float>(neck[i]));
  }

  template <class Visit>
  void parts(Visit&& visit) {
    visit("backbone.", network);
    for (std::size_t i = 0; i < adjust.size(); ++i) visit(concat("neck.downsample", i + 2, ".downsample."), adjust[i]);
  }

  template <class Builder>
  typename Builder::Value compile(Builder& builder, typename Builder::Value x) const {
    const auto stages = network.levels(builder, x);
    std::vector<typename Builder::Value> levels;
    for (std::size_t i = 0; i < adjust.size(); ++i) levels.push_back(adjust[i].compile(builder, stages[i + 1]));
    return builder.concatenate(std::move(levels));
  }

  ResNetLayers network;
  std::vector<nn::Sequential<nn::Conv2d<float>, nn::BatchNorm2d<float>>> adjust;
};

/// SiamRPN++'s ResNet-50: BGR pixels of 0 to 255, the stride kept at 8 pixels by dilation.
///
/// Shapes  patches (N, 3, h, w) -> (N, channels, H, W), the channels of the three levels one after the other. 127
/// pixels
///         give 15 cells, 255 give 31. (The published code then cuts the middle 7 x 7 out of the exemplar's map; here
///         the head takes what it needs.)
/// Ref     Li et al. 2019, "SiamRPN++"; STVIR/pysot.
template <SiameseNeck Neck = siamese_neck, ResNetShape Shape = siamese_resnet50>
class SiameseResNet : public NetworkFeatures {
 public:
  static constexpr int channels = Neck[0] + Neck[1] + Neck[2];
  static constexpr double stride = 8;
  static constexpr const char* published_prefix = "";  ///< of the tensors' names

  /// Throws FileError where a tensor is missing or has another shape.
  explicit SiameseResNet(const Weights& weights, const std::string& prefix = published_prefix,
                         Precision precision = Precision::float32)
      : NetworkFeatures(SiameseResNetLayers(Shape, Neck), weights, prefix, stride, precision) {}

  /// The tensors that the network needs.
  static std::vector<TensorSpec> tensors(const std::string& prefix = published_prefix) {
    SiameseResNetLayers layers(Shape, Neck);
    return nn::tensor_specs(layers, prefix);
  }

  PixelFormat pixels() const { return {.order = PixelOrder::bgr}; }
};

}  // namespace pursuit::inline v0
