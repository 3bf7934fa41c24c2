// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/features.hpp>
#include <pursuit/core/random.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/core/track.hpp>
#include <pursuit/estimator/box_head_layers.hpp>

#include <vector>

/// What an estimator with a thin box head sees of one frame: features of noise, and a response that is zero but for
/// what a test puts there.
struct BoxHeadScene {
  static constexpr pursuit::BoxHeadShape thin{.fine = 8, .coarse = 16, .width = 16};

  BoxHeadScene() {
    pursuit::Random random(3);
    for (float& v : fine) v = static_cast<float>(random.uniform());
    for (float& v : coarse) v = static_cast<float>(random.uniform());
    features.add({fine, 8});
    features.add({coarse, 16});
    crops[0] = {.width = 192, .height = 192};
    crops[0].unit_x = crops[0].unit_y = crops[0].step_x = crops[0].step_y = 1.5;
    crops[0].middle = pursuit::Point{150, 120};
  }
  BoxHeadScene(const BoxHeadScene&) = delete;
  BoxHeadScene& operator=(const BoxHeadScene&) = delete;

  pursuit::Sample<> first() const { return {features, crops, targets, 0}; }
  pursuit::ResponseMap<> response() const {
    return {.values = values,
            .crops = crops,
            .stride = 1,
            .origin = pursuit::ResponseMap<>::Origin::corner,
            .frame_width = 320,
            .frame_height = 240};
  }

  pursuit::Tensor<float, 4> fine = pursuit::make_tensor<float, 4>({1, 8, 24, 24});
  pursuit::Tensor<float, 4> coarse = pursuit::make_tensor<float, 4>({1, 16, 12, 12});
  pursuit::FeatureMaps<> features{};
  std::vector<pursuit::Crop> crops = std::vector<pursuit::Crop>(1);
  std::vector<pursuit::Box> targets{{80, 76, 40, 36}};
  pursuit::Tensor<float, 3> values = pursuit::make_tensor<float, 3>({1, 192, 192});
  const pursuit::TargetState before{.track = {.box = {121, 96, 58, 50}}, .first = {121, 96, 58, 50}};
};
