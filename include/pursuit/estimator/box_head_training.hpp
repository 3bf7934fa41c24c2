// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/estimator/box_head_layers.hpp>
#include <pursuit/nn/training_builder.hpp>

#include <concepts>

namespace pursuit::inline v0 {

/// What a box head reads in training, for N pairs of frames with R proposals each.
template <class Value>
struct BoxHeadInputs {
  Value reference_fine, reference_coarse;  ///< features of the reference frames: (N,C,H,W) of strides 8 and 16
  Value reference_boxes;                   ///< (N,1,4,1) the target there, as x1, y1, x2, y2 in pixels of the patch
  Value search_fine, search_coarse;        ///< features of the frames that are searched
  Value proposals;                         ///< (N,R,4,1)
};

/// Writes a box head down for training: what it says about each proposal, (N R, outputs, 1, 1). Gradients go on to the
/// features of both frames, so a backbone can learn from them, and to the boxes.
///
/// The patch's pixels are 8 and 16 to a cell, as for the trackers that use the head.
template <std::floating_point T>
auto box_head(nn::TrainingBuilder<T>& builder, const BoxHeadLayers<T>& head,
              const BoxHeadInputs<typename nn::TrainingBuilder<T>::Value>& in) {
  using Value = typename nn::TrainingBuilder<T>::Value;
  using Head = BoxHeadLayers<T>;
  const auto pool = [&](Value x, Value boxes, int bins, double stride) {
    return builder.pool(x, boxes, {.rows = bins, .columns = bins, .scale = 1 / stride});
  };
  const auto block = [&](Value x, const typename Head::Block& b) {
    return nn::ReLU{}.compile(builder, b.bn.compile(builder, b.linear.compile(builder, x)));
  };
  const Value fine =
      pool(head.conv3_1r.compile(builder, in.reference_fine), in.reference_boxes, Head::fine_reference_bins, 8);
  const Value coarse = pool(head.conv4_1r.compile(builder, in.reference_coarse), in.reference_boxes, 1, 16);
  const Value both = builder.concatenate({head.fc3_1r.compile(builder, fine), coarse});
  const Value of_fine = head.fc34_3r.compile(builder, both), of_coarse = head.fc34_4r.compile(builder, both);

  const Value map3 = head.conv3_2t.compile(builder, head.conv3_1t.compile(builder, in.search_fine));
  const Value map4 = head.conv4_2t.compile(builder, head.conv4_1t.compile(builder, in.search_coarse));
  const Value y3 = pool(builder.scale(map3, of_fine), in.proposals, Head::fine_bins, 8);
  const Value y4 = pool(builder.scale(map4, of_coarse), in.proposals, Head::coarse_bins, 16);
  return head.predictor.compile(builder, builder.concatenate({block(y3, head.fc3_rt), block(y4, head.fc4_rt)}));
}

}  // namespace pursuit::inline v0
