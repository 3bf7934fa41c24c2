// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>
#include <pursuit/nn/batch_norm2d.hpp>
#include <pursuit/nn/conv2d.hpp>
#include <pursuit/nn/max_pool2d.hpp>
#include <pursuit/nn/relu.hpp>
#include <pursuit/nn/sequential.hpp>

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace pursuit::inline v0 {

/// How deep and wide a residual network is, and what the four stages do to the stride.
struct ResNetShape {
  std::array<int, 4> blocks{3, 4, 6, 3};        ///< of each stage; 0 ends the network before it
  std::array<int, 4> width{64, 128, 256, 512};  ///< channels of a stage's 3 x 3 convolutions
  int stem = 64;                                ///< channels of the first convolution
  int expansion = 4;                            ///< channels a stage gives = width x expansion; 1: blocks of two 3 x 3
  std::array<int, 4> stride{1, 2, 2, 2};        ///< of each stage's first block
  std::array<int, 4> dilation{1, 1, 1, 1};      ///< of each stage's 3 x 3 convolutions
  /// The published SiamRPN++ code: the first convolution and those of stride 2 have no padding, and shortcuts that
  /// change the stride or come with dilation are 3 x 3. The first block of a stage has half its dilation.
  bool unpadded = false;

  /// Channels after stage i, counted from 0.
  constexpr int channels(int i) const { return width[static_cast<std::size_t>(i)] * expansion; }
};

inline constexpr ResNetShape resnet18{.blocks = {2, 2, 2, 2}, .expansion = 1};
inline constexpr ResNetShape resnet50{};
/// ResNet-50 with the stride of 8 pixels kept by dilation.
inline constexpr ResNetShape siamese_resnet50{.stride = {1, 2, 1, 1}, .dilation = {1, 1, 2, 4}, .unpadded = true};

/// Two or three convolutions, each with batch norm, added to their input or to a convolution of it. Names are those of
/// torchvision: conv1, bn1, ..., downsample.0, downsample.1.
struct ResidualBlock {
  using Convolution = nn::Conv2d<float>;
  using Norm = nn::BatchNorm2d<float>;
  struct Step {
    Convolution convolution;
    Norm norm;
  };

  /// Block number `index` of stage `stage`, for so many channels.
  ResidualBlock(const ResNetShape& shape, int inputs, std::size_t stage, int index) {
    const int width = shape.width[stage], outputs = width * shape.expansion;
    const int stride = index == 0 ? shape.stride[stage] : 1;
    const bool reshapes = index == 0 && (stride != 1 || inputs != outputs);
    const int full = shape.dilation[stage];
    const int dilation = shape.unpadded && reshapes && full > 1 ? full / 2 : full;
    const int padding = shape.unpadded && stride > 1 ? 0 : dilation;
    if (shape.expansion == 1) {
      add(inputs, width, 3, {.stride = stride, .padding = padding, .dilation = dilation, .bias = false});
      add(width, outputs, 3, {.padding = full, .dilation = full, .bias = false});
    } else {
      add(inputs, width, 1, {.bias = false});
      add(width, width, 3, {.stride = stride, .padding = padding, .dilation = dilation, .bias = false});
      add(width, outputs, 1, {.bias = false});
    }
    if (!reshapes) return;
    if (shape.unpadded && (stride > 1 || full > 1))
      shortcut.emplace(
          Convolution(inputs, outputs, 3,
                      {.stride = stride, .padding = stride > 1 ? 0 : dilation, .dilation = dilation, .bias = false}),
          Norm(outputs));
    else
      shortcut.emplace(Convolution(inputs, outputs, 1, {.stride = stride, .bias = false}), Norm(outputs));
  }

  template <class Visit>
  void parts(Visit&& visit) {
    for (std::size_t i = 0; i < body.size(); ++i) {
      visit(concat("conv", i + 1, "."), body[i].convolution);
      visit(concat("bn", i + 1, "."), body[i].norm);
    }
    if (shortcut) visit("downsample.", *shortcut);
  }

  template <class Builder>
  typename Builder::Value compile(Builder& builder, typename Builder::Value x) const {
    const auto past = shortcut ? shortcut->compile(builder, x) : x;
    for (std::size_t i = 0; i < body.size(); ++i) {
      if (i > 0) x = nn::ReLU{}.compile(builder, x);
      x = body[i].norm.compile(builder, body[i].convolution.compile(builder, x));
    }
    return nn::ReLU{}.compile(builder, builder.add(x, past));
  }

  std::vector<Step> body;
  std::optional<nn::Sequential<Convolution, Norm>> shortcut;

 private:
  void add(int inputs, int outputs, int kernel, const Convolution::Options& options) {
    body.push_back({Convolution(inputs, outputs, kernel, options), Norm(outputs)});
  }
};

/// A residual network without its classifier, for any builder of plans. Names are those of torchvision: conv1, bn1,
/// layer1.0.conv1, ...
///
/// Shapes  (N, 3, h, w) -> after stage i (N, shape.channels(i), H, W), stride 4 pixels after stage 0.
/// Ref     He et al. 2016; with `unpadded` Li et al. 2019 (SiamRPN++), STVIR/pysot.
struct ResNetLayers {
  explicit ResNetLayers(const ResNetShape& s = resnet50)
      : shape(s),
        conv1(3, s.stem, 7, {.stride = 2, .padding = s.unpadded ? 0 : 3, .bias = false}),
        bn1(s.stem),
        pool{{.kernel = 3, .stride = 2, .padding = 1}} {
    int channels = s.stem;
    for (std::size_t i = 0; i < 4 && s.blocks[i] > 0; ++i) {
      for (int b = 0; b < s.blocks[i]; ++b) {
        stages[i].emplace_back(s, channels, i, b);
        channels = s.width[i] * s.expansion;
      }
    }
  }

  template <class Visit>
  void parts(Visit&& visit) {
    visit("conv1.", conv1);
    visit("bn1.", bn1);
    for (std::size_t i = 0; i < stages.size(); ++i)
      for (std::size_t b = 0; b < stages[i].size(); ++b) visit(concat("layer", i + 1, ".", b, "."), stages[i][b]);
  }

  /// What the first convolution gives, before pooling, and then each stage, as many as the shape has.
  template <class Builder>
  std::vector<typename Builder::Value> blocks(Builder& builder, typename Builder::Value x) const {
    x = nn::ReLU{}.compile(builder, bn1.compile(builder, conv1.compile(builder, x)));
    std::vector<typename Builder::Value> values{x};
    x = pool.compile(builder, x);
    for (const auto& stage : stages) {
      if (stage.empty()) break;
      for (const ResidualBlock& block : stage) x = block.compile(builder, x);
      values.push_back(x);
    }
    return values;
  }
  /// What each stage gives, finest first.
  template <class Builder>
  std::vector<typename Builder::Value> levels(Builder& builder, typename Builder::Value x) const {
    auto values = blocks(builder, x);
    values.erase(values.begin());
    return values;
  }
  /// What the last stage gives.
  template <class Builder>
  typename Builder::Value compile(Builder& builder, typename Builder::Value x) const {
    return levels(builder, x).back();
  }

  ResNetShape shape;
  nn::Conv2d<float> conv1;
  nn::BatchNorm2d<float> bn1;
  nn::MaxPool2d pool;
  std::array<std::vector<ResidualBlock>, 4> stages;
};

}  // namespace pursuit::inline v0
