// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/tensor_view.hpp>
#include <pursuit/nn/gradients.hpp>

#include <concepts>

namespace pursuit::inline v0::nn {

/// A layer of one input and one output that can be trained in numbers of type T.
///
///   Cache                                     what backward() needs besides x and y; the caller owns it
///   output_shape(x)                           throws ShapeError where x is not for this layer
///   forward(x, cache, y)                      writes y
///   backward(x, y, dy, cache, dx, gradients)  writes dx, unless it is a view of nothing, and adds to the gradients of
///                                             the parameters that are not frozen
///
/// x, y and cache are those of the forward pass. A layer may say more, as constants, which saves memory:
///
///   backward_reads_x = false, backward_reads_y = false
///   in_place = true                           y may be x's memory
///   gradient_in_place = true                  dx may be dy's memory
///
/// Networks are made of such layers by compile(): see TrainingPlan.
template <class L, class T>
concept TrainableLayer = requires(const L& layer, typename L::Cache& cache, const TensorView<const T, 4>& x,
                                  const TensorView<T, 4>& y, Gradients<T>& gradients) {
  { layer.output_shape(x.shape) } -> std::same_as<Shape<4>>;
  { layer.forward(x, cache, y) } -> std::same_as<void>;
  { layer.backward(x, x, x, cache, y, gradients) } -> std::same_as<void>;
};

}  // namespace pursuit::inline v0::nn
