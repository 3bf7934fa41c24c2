// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/backbone/imagenet_pixels.hpp>
#include <pursuit/backbone/network_features.hpp>
#include <pursuit/backbone/resnet.hpp>
#include <pursuit/io/weights.hpp>
#include <pursuit/nn/parameters.hpp>

#include <string>
#include <vector>

namespace pursuit::inline v0 {

/// A residual network up to its third stage, which gives what stages 2 and 3 do. (Files hold a fourth stage and a
/// classifier that nobody reads.)
struct ResidualFeaturesLayers {
  explicit ResidualFeaturesLayers(ResNetShape shape = resnet18) : network((shape.blocks[3] = 0, shape)) {}

  template <class Visit>
  void parts(Visit&& visit) {
    visit("", network);
  }
  template <class Builder>
  std::vector<typename Builder::Value> levels(Builder& builder, typename Builder::Value x) const {
    const auto stages = network.levels(builder, x);
    return {stages[1], stages[2]};
  }
  /// What the first convolution and stages 1 to 3 give: strides of 2, 4, 8 and 16 pixels.
  template <class Builder>
  std::vector<typename Builder::Value> blocks(Builder& builder, typename Builder::Value x) const {
    return network.blocks(builder, x);
  }

  ResNetLayers network;
};

/// ATOM's and DRNet's features: stages 2 and 3 of a residual network, RGB pixels by ImageNet's mean and deviation. The
/// filter reads stage 3, the box heads read both.
///
/// Shapes  patches (N, 3, h, w) -> (N, fine_channels, h / 8, w / 8), (N, channels, h / 16, w / 16), rounded up.
/// Ref     Danelljan et al. 2019 (ATOM), visionml/pytracking; of other widths danielism97/CFKD.
template <ResNetShape Shape = resnet18>
class ResidualFeatures : public NetworkFeatures {
 public:
  static constexpr int channels = Shape.channels(2);
  static constexpr int fine_channels = Shape.channels(1);
  static constexpr double stride = 16;                                   ///< pixels of the patch, last level
  static constexpr const char* published_prefix = "feature_extractor.";  ///< of the tensors' names

  /// Throws FileError where a tensor is missing or has another shape.
  explicit ResidualFeatures(const Weights& weights, const std::string& prefix = published_prefix,
                            Precision precision = Precision::float32)
      : NetworkFeatures(ResidualFeaturesLayers(Shape), weights, prefix, std::vector<double>{8, stride}, precision) {}

  /// The tensors that the network needs.
  static std::vector<TensorSpec> tensors(const std::string& prefix = published_prefix) {
    ResidualFeaturesLayers layers(Shape);
    return nn::tensor_specs(layers, prefix);
  }

  PixelFormat pixels() const { return imagenet_pixels(); }
};

/// ResNet-18 with half, a quarter and an eighth of the channels (Danier 2020).
inline constexpr ResNetShape resnet18_medium{
    .blocks = {2, 2, 2, 2}, .width = {32, 64, 128, 256}, .stem = 32, .expansion = 1};
inline constexpr ResNetShape resnet18_small{
    .blocks = {2, 2, 2, 2}, .width = {16, 32, 64, 128}, .stem = 16, .expansion = 1};
inline constexpr ResNetShape resnet18_tiny{.blocks = {2, 2, 2, 2}, .width = {8, 16, 32, 64}, .stem = 8, .expansion = 1};

}  // namespace pursuit::inline v0
