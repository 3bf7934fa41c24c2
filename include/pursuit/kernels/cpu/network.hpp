// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/aligned.hpp>
#include <pursuit/kernels/cpu/network_recipe.hpp>
#include <pursuit/kernels/cpu/onednn_compat.hpp>
#include <pursuit/kernels/cpu/packed_network.hpp>

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace pursuit::inline v0::kernels {

template <class D, class Precision>
class Network;  // see kernels/network.hpp

template <>
class Network<Cpu, float> {
 public:
  Network(std::shared_ptr<PackedNetwork<Cpu, float>> network, const Shape<4>& input)
      : network_(std::move(network)), recipe_(std::make_shared<const NetworkRecipe>(*network_, input)) {
    bind();
  }
  Network(const Network& other) : network_(other.network_), recipe_(other.recipe_) { bind(); }
  Network(Network&&) = default;
  Network& operator=(const Network& other) { return *this = Network(other); }
  Network& operator=(Network&&) = default;
  ~Network() = default;

  const Shape<4>& input_shape() const { return recipe_->input_shape(); }
  std::size_t outputs() const { return recipe_->outputs().size(); }
  /// Bytes of activations that each copy of this network holds.
  std::size_t arena_bytes() const { return arena_.size(); }

  /// Throws ShapeError unless x has the shape that the network was made for.
  void execute(const TensorView<const float, 4>& x) {
    require_shape("kernels::Network", "input", x.shape, input_shape());
    // oneDNN's memory objects are not const-correct; the input is only read.
    check(dnnl_memory_set_data_handle(memories_[0].get(), const_cast<float*>(x.data)));
    for (const auto& [step, argument] : input_places_) addresses_[step][argument] = const_cast<float*>(x.data);
    const auto& steps = recipe_->steps();
    for (std::size_t i = 0; i < steps.size(); ++i)
      if (steps[i].own)
        steps[i].own(addresses_[i].data());
      else
        check(dnnl_primitive_execute(steps[i].primitive.get(), stream_.get(), static_cast<int>(arguments_[i].size()),
                                     arguments_[i].data()));
    stream_.wait();
  }

  TensorView<const float, 4> output(std::size_t i) const {
    const NetworkRecipe::Output& out = recipe_->outputs()[i];
    return {address(out.buffer), out.shape};
  }

 private:
  static void check(dnnl_status_t status) {
    if (status != dnnl_success) throw Error(concat("kernels::Network: oneDNN status ", static_cast<int>(status)));
  }

  float* address(std::size_t buffer) const {
    const NetworkRecipe::Buffer& b = recipe_->buffers()[buffer];
    if (b.slot != NetworkRecipe::no_slot)
      return const_cast<float*>(reinterpret_cast<const float*>(arena_.data() + recipe_->offset(b)));
    return const_cast<float*>(b.packed ? b.packed->data() : b.constant);
  }

  void bind() {
    arena_.resize(recipe_->arena_bytes());
    for (std::size_t i = 0; i < recipe_->buffers().size(); ++i)
      memories_.emplace_back(recipe_->buffers()[i].desc, onednn::cpu_engine(), address(i));
    for (const NetworkRecipe::Step& step : recipe_->steps()) {
      auto& list = arguments_.emplace_back();
      auto& places = addresses_.emplace_back();
      for (const auto& [arg, buffer] : step.arguments) {
        if (buffer == 0) input_places_.emplace_back(addresses_.size() - 1, places.size());
        list.push_back({arg, memories_[buffer].get()});
        places.push_back(address(buffer));
      }
    }
  }

  std::shared_ptr<PackedNetwork<Cpu, float>> network_;
  std::shared_ptr<const NetworkRecipe> recipe_;
  AlignedVector<std::byte> arena_;
  std::vector<dnnl::memory> memories_;
  std::vector<std::vector<dnnl_exec_arg_t>> arguments_;            // of each step, for oneDNN
  std::vector<std::vector<float*>> addresses_;                     // of each step, for kernels of ours
  std::vector<std::pair<std::size_t, std::size_t>> input_places_;  // (step, argument) that is the caller's input
  dnnl::stream stream_{onednn::cpu_engine()};
};

}  // namespace pursuit::inline v0::kernels
