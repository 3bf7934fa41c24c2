// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/backbone/network_features.hpp>
#include <pursuit/core/precision.hpp>
#include <pursuit/io/weights.hpp>
#include <pursuit/nn/layer_list.hpp>
#include <pursuit/nn/parameters.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace pursuit::inline v0 {

/// A depthwise convolution between two of 1 x 1: wide inside, narrow outside, with a shortcut where the shapes allow.
struct InvertedResidual {
  int kernel, expanded, outputs;
  int squeezed;  ///< channels inside the squeeze-excitation, or 0 for none
  bool hard_swish;
  int stride;
};

/// The layers of the MobileNetV3 that NanoTrack uses: MobileNetV3-Small up to the second block of 48 channels with
/// strides that end at 16, and in its third version a wide last block.
///
/// Names below `prefix` are those of HonglinChu/SiamTrackers: features.0.0 is the first convolution, features.2.conv.3
/// the depthwise one of the second block.
/// Ref  Howard et al. 2019; Sandler et al. 2018 (inverted residuals).
struct MobileNetV3Layers {
  static constexpr InvertedResidual shapes[] = {
      {3, 16, 16, 8, false, 2},  {3, 72, 24, 0, false, 2},  {3, 88, 24, 0, false, 1},
      {5, 96, 40, 24, true, 2},  {5, 240, 40, 64, true, 1}, {5, 240, 40, 64, true, 1},
      {5, 120, 48, 32, true, 1}, {5, 144, 48, 40, true, 1}, {5, 288, 96, 72, true, 1},
  };
  static constexpr int all_blocks = 9;

  explicit MobileNetV3Layers(int count)
      : stem{nn::Conv2d<float>(3, 16, 3, {.stride = 2, .padding = 1, .bias = false}), nn::BatchNorm2d<float>(16),
             nn::HardSwish{}} {
    int inputs = 16;
    for (int i = 0; i < count; ++i) {
      blocks.push_back({layers(shapes[i], inputs), shapes[i].stride == 1 && shapes[i].outputs == inputs});
      inputs = shapes[i].outputs;
    }
  }

  template <class Visit>
  void parts(Visit&& visit) {
    visit("features.0.", stem);
    for (std::size_t i = 0; i < blocks.size(); ++i) visit(concat("features.", i + 1, ".conv."), blocks[i].layers);
  }

  template <class Builder>
  typename Builder::Value compile(Builder& builder, typename Builder::Value x) const {
    x = stem.compile(builder, x);
    for (const Block& block : blocks) {
      const auto y = block.layers.compile(builder, x);
      x = block.shortcut ? builder.add(y, x) : y;
    }
    return x;
  }

  struct Block {
    nn::LayerList layers;
    bool shortcut;
  };
  nn::LayerList stem;
  std::vector<Block> blocks;

 private:
  // A block that does not expand has no first convolution, and its activation before the squeeze-excitation.
  static nn::LayerList layers(const InvertedResidual& s, int inputs) {
    const auto activation = [&]() -> nn::LayerList::Layer {
      if (s.hard_swish) return nn::HardSwish{};
      return nn::ReLU{};
    };
    const auto squeeze = [&]() -> nn::LayerList::Layer {
      if (s.squeezed > 0) return nn::SqueezeExcitation<float>(s.expanded, s.squeezed);
      return nn::Identity{};
    };
    nn::LayerList list;
    const bool expands = s.expanded != inputs;
    if (expands) {
      list.add(nn::Conv2d<float>(inputs, s.expanded, 1, {.bias = false}));
      list.add(nn::BatchNorm2d<float>(s.expanded));
      list.add(activation());
    }
    list.add(nn::Conv2d<float>(s.expanded, s.expanded, s.kernel,
                               {.stride = s.stride, .padding = s.kernel / 2, .groups = s.expanded, .bias = false}));
    list.add(nn::BatchNorm2d<float>(s.expanded));
    if (!expands) list.add(activation());
    list.add(squeeze());
    if (expands) list.add(activation());
    list.add(nn::Conv2d<float>(s.expanded, s.outputs, 1, {.bias = false}));
    list.add(nn::BatchNorm2d<float>(s.outputs));
    return list;
  }
};

/// MobileNetV3 as NanoTrack uses it: BGR pixels of 0 to 255. The first eight blocks are NanoTrack v1's and v2's, all
/// nine v3's; fewer blocks give finer features.
///
/// Shapes  patches (N, 3, h, w) -> (N, channels, ceil(h / stride), ceil(w / stride)): from four blocks on 127 pixels
///         give 8 cells, 255 give 16.
/// Units   stride 16 pixels of the patch from four blocks on.
template <int Blocks = MobileNetV3Layers::all_blocks>
class MobileNetV3 : public NetworkFeatures {
 public:
  static_assert(Blocks >= 1 && Blocks <= MobileNetV3Layers::all_blocks);
  static constexpr int channels = MobileNetV3Layers::shapes[Blocks - 1].outputs;
  static constexpr double stride = [] {
    int pixels = 2;  // of the first convolution
    for (int i = 0; i < Blocks; ++i) pixels *= MobileNetV3Layers::shapes[i].stride;
    return pixels;
  }();
  static constexpr const char* published_prefix = "backbone.";  ///< of the tensors' names

  /// Throws FileError where a tensor is missing or has another shape.
  explicit MobileNetV3(const Weights& weights, const std::string& prefix = published_prefix,
                       Precision precision = Precision::float32)
      : NetworkFeatures(MobileNetV3Layers(Blocks), weights, prefix, stride, precision) {}

  /// The tensors that the network needs.
  static std::vector<TensorSpec> tensors(const std::string& prefix = published_prefix) {
    MobileNetV3Layers layers(Blocks);
    return nn::tensor_specs(layers, prefix);
  }

  PixelFormat pixels() const { return {.order = PixelOrder::bgr}; }
};

}  // namespace pursuit::inline v0
