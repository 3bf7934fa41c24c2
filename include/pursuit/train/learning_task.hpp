// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/random.hpp>
#include <pursuit/nn/gradients.hpp>
#include <pursuit/train/loss_values.hpp>

#include <concepts>
#include <span>
#include <string>

namespace pursuit::inline v0 {

namespace detail {

struct VisitAnyTensor {
  template <class Tensor>
  void operator()(const std::string&, Tensor&) const {}
};

}  // namespace detail

/// What a Trainer trains: networks, their losses, and where their examples come from.
///
///   Example             what is learned from, made without the networks: two patches and what is known of them
///   draw(random)        makes one; called from several threads at once, so it changes nothing
///   learn(examples)     forward and backward of one batch; ADDS the gradient of the batch's mean loss to gradients(),
///                       and lets batch norm gather its statistics
///   measure(examples)   forward only, with the statistics gathered so far; changes nothing that is learned
///   gradients()         of the parameters that are trained, always in the same order
///   tensors(visit)      visit(name, tensor) for every tensor of the weight file under its published name, frozen ones
///                       and statistics too (nn::visit_tensors)
///
/// It may also offer draw_validation(random): examples to measure by, of sequences that nothing is learned from.
/// Without it draw() makes those too.
///
/// A loss is that of a mean over examples, so batches of equal size may be shared out between machines.
template <class T>
concept LearningTask = requires(T& task, const T& fixed, Random& random,
                                std::span<const typename T::Example> examples) {
  requires std::movable<typename T::Example>;
  { fixed.draw(random) } -> std::same_as<typename T::Example>;
  { task.learn(examples) } -> std::same_as<LossValues>;
  { task.measure(examples) } -> std::same_as<LossValues>;
  { task.gradients() } -> std::same_as<nn::Gradients<float>&>;
  task.tensors(detail::VisitAnyTensor{});
};

}  // namespace pursuit::inline v0
