// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/device.hpp>
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
template <class D = Cpu, class Precision = float>
class Plan {
 public:
  /// As many shapes as a tracker alternates between (exemplar, scales, first-frame samples), and some.
  static constexpr std::size_t kept_shapes = 6;

  /// Compiles the network whose one input has so many channels and whose one output is the layer's.
  template <class Layer>
  static Plan of(const Layer& layer, int channels) {
    PlanBuilder builder(channels);
    builder.output(layer.compile(builder, builder.input()));
    return Plan(builder.take());
  }
  /// Networks of several outputs.
  explicit Plan(kernels::NetworkDefinition definition)
      : packed_(std::make_shared<kernels::PackedNetwork<D, Precision>>(std::move(definition))) {}

  /// Runs the network; x is (N, C, H, W). Throws ShapeError where it is too small or has other channels.
  void run(const TensorView<const float, 4, D>& x) { at(x.shape).execute(x); }

  /// The i-th output of the last run(); the memory is the plan's and lives until the next one. Pre: run() was called.
  TensorView<const float, 4, D> output(std::size_t i = 0) const { return entries_.front().network.output(i); }

 private:
  using Network = kernels::Network<D, Precision>;
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
      if (entries_.size() == kept_shapes) entries_.pop_back();
      entries_.insert(entries_.begin(), std::move(fresh));
    } else {
      std::rotate(entries_.begin(), found, found + 1);  // the latest in front
    }
    return entries_.front().network;
  }

  std::shared_ptr<kernels::PackedNetwork<D, Precision>> packed_;
  std::vector<Entry> entries_;
};

}  // namespace pursuit::inline v0::nn
