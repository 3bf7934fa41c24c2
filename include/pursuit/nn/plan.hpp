// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/buffer.hpp>
#include <pursuit/core/device.hpp>
#include <pursuit/core/precision.hpp>
#include <pursuit/core/threads.hpp>
#include <pursuit/kernels/network.hpp>
#include <pursuit/nn/plan_builder.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace pursuit::inline v0::nn {

/// Layers compiled for inference on device D.
///
/// A plan is made for one input shape; this object makes one for each shape it meets and keeps the last few, so that
/// only a shape not seen before allocates. Copies share the packed weights and have activations of their own.
template <class D = Cpu>
class Plan {
 public:
  /// As many shapes as a tracker alternates between (exemplar, scales, first-frame samples), and some.
  static constexpr std::size_t kept_shapes = 6;

  /// Compiles the network whose one input has so many channels and whose outputs are the layer's: what its
  /// levels(builder, value) give, or else the one of compile(builder, value).
  template <class Layer>
  static Plan of(const Layer& layer, int channels, Precision precision = Precision::float32) {
    PlanBuilder builder(channels);
    if constexpr (requires { layer.levels(builder, builder.input()); })
      for (const auto level : layer.levels(builder, builder.input())) builder.output(level);
    else
      builder.output(layer.compile(builder, builder.input()));
    return Plan(builder.take(), precision);
  }
  /// Networks of several outputs.
  explicit Plan(kernels::NetworkDefinition definition, Precision precision = Precision::float32)
      : packed_(std::make_shared<kernels::PackedNetwork<D>>(std::move(definition), precision)) {}

  /// Weights (O, C / groups, kh, kw) of the convolution in that slot, for every input shape, until others are given;
  /// they are copied. Throws ShapeError unless they have the slot's shape.
  void give(std::size_t slot, const TensorView<const float, 4, D>& weight) {
    const auto& slots = packed_->definition().given();
    if (slot >= slots.size()) throw Error(concat("nn::Plan: slot ", slot, " of ", slots.size()));
    const Shape<4> shape = packed_->definition()[slots[slot]].weight_shape();
    require_shape("nn::Plan", "given weights", weight.shape, shape);
    given_.resize(slots.size());
    const auto kept = given_[slot].view(shape);
    std::copy(weight.begin(), weight.end(), kept.begin());
    for (Entry& entry : entries_) entry.network.give(slot, kept);
  }

  /// Runs the network; x is (N, C, H, W). Throws ShapeError where it is too small or has other channels, Error where
  /// weights are still to be given.
  void run(const TensorView<const float, 4, D>& x) { at(x.shape).execute(x); }

  /// Makes the plan for inputs of this shape, so that run() need not. There is no output until run() was called again.
  void prepare(const Shape<4>& shape) { at(shape); }

  /// The i-th output of the last run(); the memory is the plan's and lives until the next one. Pre: run() was called.
  TensorView<const float, 4, D> output(std::size_t i = 0) const { return entries_.front().network.output(i); }

 private:
  using Network = kernels::Network<D>;
  struct Entry {
    int threads;  // the backend divides its work when the primitive is made
    Network network;
  };

  Network& at(const Shape<4>& shape) {
    const int now = threads();
    const auto found = std::ranges::find_if(
        entries_, [&](const Entry& e) { return e.threads == now && e.network.input_shape() == shape; });
    if (found == entries_.end()) {
      Entry fresh{now, Network(packed_, shape)};
      for (std::size_t slot = 0; slot < given_.size(); ++slot)
        if (given_[slot].data() != nullptr)
          fresh.network.give(
              slot, given_[slot].view(packed_->definition()[packed_->definition().given()[slot]].weight_shape()));
      if (entries_.size() == kept_shapes) entries_.pop_back();
      entries_.insert(entries_.begin(), std::move(fresh));
    } else {
      std::rotate(entries_.begin(), found, found + 1);  // the latest in front
    }
    return entries_.front().network;
  }

  std::shared_ptr<kernels::PackedNetwork<D>> packed_;
  std::vector<Entry> entries_;
  std::vector<Buffer<float, D>> given_;  // weights by slot
};

}  // namespace pursuit::inline v0::nn
