// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/backbone/network_features.hpp>
#include <pursuit/core/precision.hpp>
#include <pursuit/io/weights.hpp>
#include <pursuit/nn/batch_norm2d.hpp>
#include <pursuit/nn/conv2d.hpp>
#include <pursuit/nn/max_pool2d.hpp>
#include <pursuit/nn/relu.hpp>
#include <pursuit/nn/sequential.hpp>

#include <array>
#include <string>
#include <vector>

namespace pursuit::inline v0 {

/// How wide the five convolutions are, and where the published variants differ.
struct AlexNetShape {
  std::array<int, 5> width{96, 256, 384, 384, 256};
  bool grouped = true;         ///< convolutions 2, 4 and 5 in two groups
  int second_pool_stride = 2;  ///< cells
  bool last_norm = false;      ///< batch norm after convolution 5
  double epsilon = 1e-6;       ///< of batch norm
  bool numbered = false;       ///< names are "0", "1", "4", ..., as of one list of all layers
};

inline constexpr AlexNetShape alexnet_v1{};
inline constexpr AlexNetShape alexnet_v1_small{.width = {48, 128, 192, 192, 128}};  ///< half as wide
inline constexpr AlexNetShape alexnet_v2{.width = {96, 256, 384, 384, 32}, .second_pool_stride = 1};
inline constexpr AlexNetShape alexnet_v3{.width = {192, 512, 768, 768, 512}, .grouped = false, .last_norm = true};
/// SiamRPN's and, with `wide`, DaSiamRPN's.
inline constexpr AlexNetShape alexnet_rpn{.grouped = false, .last_norm = true, .epsilon = 1e-5, .numbered = true};
inline constexpr AlexNetShape alexnet_rpn_wide{
    .width = {192, 512, 768, 768, 512}, .grouped = false, .last_norm = true, .epsilon = 1e-5, .numbered = true};

/// The layers of AlexNet as Siamese trackers have it, without padding. Names below `prefix` are those of
/// huanglianghua/siamfc-pytorch (conv1.0 is a convolution, conv1.1 its batch norm), or, with `numbered`, of STVIR/pysot
/// and foolwood/DaSiamRPN.
struct AlexNetLayers {
  using Convolution = nn::Conv2d<float>;
  using Norm = nn::BatchNorm2d<float>;

  explicit AlexNetLayers(const AlexNetShape& s = alexnet_v1)
      : shape(s),
        conv1(Convolution(3, s.width[0], 11, {.stride = 2}), Norm(s.width[0], s.epsilon), nn::ReLU{},
              nn::MaxPool2d{{.kernel = 3, .stride = 2}}),
        conv2(Convolution(s.width[0], s.width[1], 5, {.groups = groups()}), Norm(s.width[1], s.epsilon), nn::ReLU{},
              nn::MaxPool2d{{.kernel = 3, .stride = s.second_pool_stride}}),
        conv3(Convolution(s.width[1], s.width[2], 3), Norm(s.width[2], s.epsilon), nn::ReLU{}),
        conv4(Convolution(s.width[2], s.width[3], 3, {.groups = groups()}), Norm(s.width[3], s.epsilon), nn::ReLU{}),
        conv5(Convolution(s.width[3], s.width[4], 3, {.groups = groups()})),
        norm5(s.width[4], s.epsilon) {}

  template <class Visit>
  void parts(Visit&& visit) {
    const bool n = shape.numbered;
    visit(n ? "0." : "conv1.0.", conv1.template layer<0>());
    visit(n ? "1." : "conv1.1.", conv1.template layer<1>());
    visit(n ? "4." : "conv2.0.", conv2.template layer<0>());
    visit(n ? "5." : "conv2.1.", conv2.template layer<1>());
    visit(n ? "8." : "conv3.0.", conv3.template layer<0>());
    visit(n ? "9." : "conv3.1.", conv3.template layer<1>());
    visit(n ? "11." : "conv4.0.", conv4.template layer<0>());
    visit(n ? "12." : "conv4.1.", conv4.template layer<1>());
    visit(n ? "14." : "conv5.0.", conv5.template layer<0>());
    if (shape.last_norm) visit(n ? "15." : "conv5.1.", norm5);
  }

  template <class Builder>
  typename Builder::Value compile(Builder& builder, typename Builder::Value x) const {
    x = conv2.compile(builder, conv1.compile(builder, x));
    x = conv5.compile(builder, conv4.compile(builder, conv3.compile(builder, x)));
    return shape.last_norm ? norm5.compile(builder, x) : x;
  }

  AlexNetShape shape;
  nn::Sequential<Convolution, Norm, nn::ReLU, nn::MaxPool2d> conv1, conv2;
  nn::Sequential<Convolution, Norm, nn::ReLU> conv3, conv4;
  nn::Sequential<Convolution> conv5;
  Norm norm5;  // conv5.1, in the third variant only

 private:
  int groups() const { return shape.grouped ? 2 : 1; }
};

/// AlexNet as Siamese trackers use it: pixels of 0 to 255 (RGB; BGR with `numbered`), no padding.
///
/// Shapes  patches (N, 3, h, w) -> (N, channels, H, W): 127 pixels give 6 cells, 255 give 22 (first variant).
/// Units   stride 8 pixels of the patch (4 in the second variant).
/// Ref     Bertinetto et al. 2016; Krizhevsky et al. 2012.
template <AlexNetShape S = alexnet_v1>
class AlexNet : public NetworkFeatures {
 public:
  static constexpr int channels = S.width[4];
  static constexpr double stride = 4 * S.second_pool_stride;
  static constexpr const char* published_prefix = "backbone.";  ///< of the tensors' names

  /// Throws FileError where a tensor is missing or has another shape.
  explicit AlexNet(const Weights& weights, const std::string& prefix = published_prefix,
                   Precision precision = Precision::float32)
      : NetworkFeatures(AlexNetLayers(S), weights, prefix, stride, precision) {}

  /// The tensors that the network needs.
  static std::vector<TensorSpec> tensors(const std::string& prefix = published_prefix) {
    AlexNetLayers layers(S);
    return nn::tensor_specs(layers, prefix);
  }

  static PixelFormat pixels() { return {.order = S.numbered ? PixelOrder::bgr : PixelOrder::rgb}; }
};

}  // namespace pursuit::inline v0
