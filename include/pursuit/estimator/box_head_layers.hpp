// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/nn/batch_norm2d.hpp>
#include <pursuit/nn/conv2d.hpp>
#include <pursuit/nn/linear.hpp>
#include <pursuit/nn/relu.hpp>
#include <pursuit/nn/sequential.hpp>

#include <concepts>
#include <string>

namespace pursuit::inline v0 {

/// How wide a box head is: the defaults are those for ResNet-18.
struct BoxHeadShape {
  int fine = 128;    ///< channels of the backbone's fine level (stride 8)
  int coarse = 256;  ///< ... and of its coarse one (stride 16)
  int width = 256;   ///< channels inside
  int outputs = 1;   ///< 1: the predicted overlap, 4: how the box should change
};

constexpr BoxHeadShape with_outputs(BoxHeadShape shape, int outputs) {
  shape.outputs = outputs;
  return shape;
}

inline constexpr BoxHeadShape box_head_resnet18{};
inline constexpr BoxHeadShape box_head_resnet50{.fine = 512, .coarse = 1024};
inline constexpr BoxHeadShape box_head_medium{.fine = 64, .coarse = 128, .width = 128};  ///< ResNet-18-m
inline constexpr BoxHeadShape box_head_small{.fine = 32, .coarse = 64, .width = 64};     ///< MobileNetV2, ResNet-18-s
inline constexpr BoxHeadShape box_head_tiny{.fine = 16, .coarse = 32, .width = 32};      ///< ResNet-18-t

/// The layers of ATOM's IoU-Net, and of DRNet's regression head, which differs in its last layer only. Names are the
/// published ones; `r` layers see the reference frame, `t` layers the frame that is searched.
///
///     reference   conv3_1r -> pool 3x3 -> fc3_1r \                      / fc34_3r = modulation of the fine level
///                 conv4_1r -> pool 1x1 -----------  concatenated  -----   fc34_4r = modulation of the coarse level
///     search      conv3_1t -> conv3_2t -> times modulation -> pool 5x5 -> fc3_rt \                 predictor
///                 conv4_1t -> conv4_2t -> times modulation -> pool 3x3 -> fc4_rt   concatenated -> (iou_ or box_)
///
/// Pooling is precise RoI pooling; convolutions and fully connected layers are followed by batch norm and ReLU.
/// Ref  Danelljan et al. 2019 (ATOM); Danier 2020 (the smaller widths, and DRNet's head).
template <std::floating_point T = float>
struct BoxHeadLayers {
  using Convolution = nn::Sequential<nn::Conv2d<T>, nn::BatchNorm2d<T>, nn::ReLU>;

  /// Fully connected, with batch norm and ReLU.
  struct Block {
    Block(int inputs, int outputs) : linear(inputs, outputs), bn(outputs) {}

    template <class Visit>
    void parts(Visit&& visit) {
      visit("linear.", linear);
      visit("bn.", bn);
    }

    nn::Linear<T> linear;
    nn::BatchNorm2d<T> bn;
  };

  static constexpr int fine_bins = 5, coarse_bins = 3;  ///< each way, of the searched frame
  static constexpr int fine_reference_bins = 3;

  explicit BoxHeadLayers(const BoxHeadShape& s)
      : shape(s),
        conv3_1r(convolution(s.fine, s.width / 2, 3, 1)),
        conv3_1t(convolution(s.fine, s.width, 3, 1)),
        conv3_2t(convolution(s.width, s.width, 3, 1)),
        fc3_1r(convolution(s.width / 2, s.width, fine_reference_bins, 0)),
        conv4_1r(convolution(s.coarse, s.width, 3, 1)),
        conv4_1t(convolution(s.coarse, s.width, 3, 1)),
        conv4_2t(convolution(s.width, s.width, 3, 1)),
        fc34_3r(convolution(2 * s.width, s.width, 1, 0)),
        fc34_4r(convolution(2 * s.width, s.width, 1, 0)),
        fc3_rt(s.width * fine_bins * fine_bins, s.width),
        fc4_rt(s.width * coarse_bins * coarse_bins, s.width),
        predictor(2 * s.width, s.outputs) {}

  template <class Visit>
  void parts(Visit&& visit) {
    visit("conv3_1r.", conv3_1r);
    visit("conv3_1t.", conv3_1t);
    visit("conv3_2t.", conv3_2t);
    visit("fc3_1r.", fc3_1r);
    visit("conv4_1r.", conv4_1r);
    visit("conv4_1t.", conv4_1t);
    visit("conv4_2t.", conv4_2t);
    visit("fc34_3r.", fc34_3r);
    visit("fc34_4r.", fc34_4r);
    visit("fc3_rt.", fc3_rt);
    visit("fc4_rt.", fc4_rt);
    visit(shape.outputs == 1 ? "iou_predictor." : "box_predictor.", predictor);
  }

  BoxHeadShape shape;
  Convolution conv3_1r, conv3_1t, conv3_2t, fc3_1r, conv4_1r, conv4_1t, conv4_2t, fc34_3r, fc34_4r;
  Block fc3_rt, fc4_rt;
  nn::Linear<T> predictor;

 private:
  static Convolution convolution(int inputs, int outputs, int kernel, int padding) {
    return Convolution(nn::Conv2d<T>(inputs, outputs, kernel, {.padding = padding}), nn::BatchNorm2d<T>(outputs),
                       nn::ReLU{});
  }
};

}  // namespace pursuit::inline v0
