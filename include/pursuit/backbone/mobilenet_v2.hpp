// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/backbone/imagenet_pixels.hpp>
#include <pursuit/backbone/network_features.hpp>
#include <pursuit/io/weights.hpp>
#include <pursuit/nn/batch_norm2d.hpp>
#include <pursuit/nn/conv2d.hpp>
#include <pursuit/nn/parameters.hpp>
#include <pursuit/nn/relu6.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pursuit::inline v0 {

/// How wide MobileNetV2 is, where it ends, and how its files are written.
struct MobileNetV2Shape {
  int thinner = 1;        ///< the published channels are divided by it
  int fine = 6;           ///< the block that gives the finer level, or 0 for none
  int last = 10;          ///< the block that ends the network and gives the last level, 1 to 17
  bool folded = false;    ///< batch norm is part of the convolutions, which then have a bias
  bool same = false;      ///< TensorFlow's padding, and pixels of -1 to 1
  bool numbered = false;  ///< blocks are named features.1, features.2, ..., not layer1.0, layer1.1, ...
};

/// MobileNetV2 as correlation filters are distilled to it: levels of strides 8 and 16 pixels.
inline constexpr MobileNetV2Shape mobilenet_v2{};
/// The same network with Keras' weights for ImageNet under torchvision's names.
inline constexpr MobileNetV2Shape mobilenet_v2_keras{.folded = true, .same = true, .numbered = true};

/// The inverted residuals of MobileNetV2. Block 0 is the first convolution; the names inside of a block are those of
/// torchvision: conv.0.0 (expands), conv.0.1 (its batch norm), conv.1.0 (depthwise), conv.2 (projects), conv.3.
///
/// Ref  Sandler et al. 2018; danielism97/CFKD.
class MobileNetV2Layers {
 public:
  static constexpr int inverted_residuals = 17;
  struct Row {
    int expansion, width, count, stride;
    const char* stage;  ///< name in CFKD's files
  };
  static constexpr Row rows[] = {{1, 16, 1, 1, "layer1."}, {6, 24, 2, 2, "layer1."}, {6, 32, 3, 2, "layer2."},
                                 {6, 64, 4, 2, "layer3."}, {6, 96, 3, 1, "layer4."}, {6, 160, 3, 2, "layer4."},
                                 {6, 320, 1, 1, "layer4."}};
  static constexpr int stem_channels = 32;

  /// The row that block 1 to 17 belongs to.
  static constexpr Row row_of(int block) {
    for (const Row& row : rows) {
      if (block <= row.count) return row;
      block -= row.count;
    }
    return rows[6];
  }
  /// Channels that a block gives.
  static constexpr int channels(const MobileNetV2Shape& shape, int block) {
    return (block == 0 ? stem_channels : row_of(block).width) / shape.thinner;
  }
  /// Pixels of the image from one cell of what a block gives to the next.
  static constexpr int stride(int block) {
    int pixels = 2, last = 0;
    for (const Row& row : rows) {
      if (last < block) pixels *= row.stride;
      last += row.count;
    }
    return pixels;
  }

  explicit MobileNetV2Layers(const MobileNetV2Shape& s = mobilenet_v2) : shape_(s) {
    int inputs = channels(s, 0);
    blocks_.emplace_back().name = s.numbered ? "features.0." : "conv1.0.";
    add(blocks_[0], "0", "1", true, nn::Conv2d<float>(3, inputs, 3, convolution(2, 1)));
    std::string stage;
    for (int b = 1, last = 0, index = 0; const Row& row : rows)
      for (last += row.count; b <= last && b <= s.last; ++b) {
        index = stage == row.stage ? index + 1 : 0;
        stage = row.stage;
        const int stride = b == last - row.count + 1 ? row.stride : 1, outputs = channels(s, b);
        Block& block = blocks_.emplace_back();
        block.name = (s.numbered ? concat("features.", b) : concat(stage, index)) + ".conv.";
        block.shortcut = stride == 1 && inputs == outputs;
        add_inverted_residual(block, inputs, inputs * row.expansion, outputs, stride);
        inputs = outputs;
      }
  }

  template <class Visit>
  void parts(Visit&& visit) {
    for (Block& block : blocks_)
      for (Step& step : block.steps) {
        visit(concat(block.name, step.name, "."), step.convolution);
        if (step.norm) visit(concat(block.name, step.norm_name, "."), *step.norm);
      }
  }

  /// The finer level, where there is one, and the last.
  template <class Builder>
  std::vector<typename Builder::Value> levels(Builder& builder, typename Builder::Value x) const {
    const auto all = every_block(builder, x);
    std::vector<typename Builder::Value> values;
    if (shape_.fine > 0 && shape_.fine < shape_.last) values.push_back(all[static_cast<std::size_t>(shape_.fine)]);
    values.push_back(all.back());
    return values;
  }
  /// What the first convolution gives, and the last block of each stride after it: 2, 4, 8, 16, ... pixels.
  template <class Builder>
  std::vector<typename Builder::Value> blocks(Builder& builder, typename Builder::Value x) const {
    const auto all = every_block(builder, x);
    std::vector<typename Builder::Value> values;
    for (std::size_t b = 0; b < all.size(); ++b)
      if (b + 1 == all.size() || stride(static_cast<int>(b)) != stride(static_cast<int>(b) + 1))
        values.push_back(all[b]);
    return values;
  }

 private:
  struct Step {
    std::string name, norm_name;
    nn::Conv2d<float> convolution;
    std::optional<nn::BatchNorm2d<float>> norm;
    bool activated;
  };
  struct Block {
    std::string name;
    std::vector<Step> steps;
    bool shortcut = false;
  };

  template <class Builder>
  std::vector<typename Builder::Value> every_block(Builder& builder, typename Builder::Value x) const {
    std::vector<typename Builder::Value> values;
    for (const Block& block : blocks_) {
      auto y = x;
      for (const Step& step : block.steps) {
        y = step.convolution.compile(builder, y);
        if (step.norm) y = step.norm->compile(builder, y);
        if (step.activated) y = nn::ReLU6{}.compile(builder, y);
      }
      x = block.shortcut ? builder.add(y, x) : y;
      values.push_back(x);
    }
    return values;
  }

  nn::Conv2d<float>::Options convolution(int stride, int padding, int groups = 1) const {
    const bool same = shape_.same && stride > 1;
    return {.stride = stride, .padding = same ? 0 : padding, .groups = groups, .bias = shape_.folded, .same = same};
  }
  void add(Block& block, std::string name, std::string norm, bool activated, nn::Conv2d<float> layer) const {
    const auto outputs = static_cast<int>(layer.weight.shape()[0]);
    block.steps.push_back({std::move(name), std::move(norm), std::move(layer), std::nullopt, activated});
    if (!shape_.folded) block.steps.back().norm.emplace(outputs);
  }
  void add_inverted_residual(Block& block, int inputs, int inner, int outputs, int stride) const {
    int i = 0;
    if (inner != inputs) {
      add(block, "0.0", "0.1", true, nn::Conv2d<float>(inputs, inner, 1, convolution(1, 0)));
      ++i;
    }
    add(block, concat(i, ".0"), concat(i, ".1"), true,
        nn::Conv2d<float>(inner, inner, 3, convolution(stride, 1, inner)));
    add(block, concat(i + 1), concat(i + 2), false, nn::Conv2d<float>(inner, outputs, 1, convolution(1, 0)));
  }

  MobileNetV2Shape shape_;
  std::vector<Block> blocks_;
};

/// MobileNetV2, cut off: RGB pixels by ImageNet's mean and deviation, or of -1 to 1 with `same`.
///
/// Shapes  patches (N, 3, h, w) -> the finer level (N, fine_channels, H, W) and the last (N, channels, H', W'): 288
///         pixels give 36 and 18 cells.
template <MobileNetV2Shape Shape = mobilenet_v2>
class MobileNetV2 : public NetworkFeatures {
 public:
  static_assert(Shape.thinner >= 1 && Shape.fine >= 0 && Shape.last >= 1 &&
                Shape.last <= MobileNetV2Layers::inverted_residuals);
  static constexpr int channels = MobileNetV2Layers::channels(Shape, Shape.last);
  static constexpr int fine_channels = MobileNetV2Layers::channels(Shape, Shape.fine);
  static constexpr double stride = MobileNetV2Layers::stride(Shape.last);  ///< pixels of the patch, last level
  static constexpr const char* published_prefix = Shape.numbered ? "" : "feature_extractor.";  ///< of tensors' names

  /// Throws FileError where a tensor is missing or has another shape.
  explicit MobileNetV2(const Weights& weights, const std::string& prefix = published_prefix,
                       Precision precision = Precision::float32)
      : NetworkFeatures(MobileNetV2Layers(Shape), weights, prefix, strides(), precision) {}

  /// The tensors that the network needs.
  static std::vector<TensorSpec> tensors(const std::string& prefix = published_prefix) {
    MobileNetV2Layers layers(Shape);
    return nn::tensor_specs(layers, prefix);
  }

  PixelFormat pixels() const {
    if (Shape.same) return {.mean = {127.5F, 127.5F, 127.5F}, .scale = {1 / 127.5F, 1 / 127.5F, 1 / 127.5F}};
    return imagenet_pixels();
  }

 private:
  static std::vector<double> strides() {
    if (Shape.fine == 0 || Shape.fine >= Shape.last) return {stride};
    return {static_cast<double>(MobileNetV2Layers::stride(Shape.fine)), stride};
  }
};

}  // namespace pursuit::inline v0
