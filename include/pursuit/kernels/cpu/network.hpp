// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/aligned.hpp>
#include <pursuit/kernels/cpu/network_recipe.hpp>
#include <pursuit/kernels/cpu/onednn_compat.hpp>
#include <pursuit/kernels/cpu/packed_network.hpp>
#include <pursuit/kernels/cpu/rounding.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace pursuit::inline v0::kernels {

template <class D>
class Network;  // see kernels/network.hpp

template <>
class Network<Cpu> {
 public:
  Network(std::shared_ptr<PackedNetwork<Cpu>> network, const Shape<4>& input)
      : network_(std::move(network)), recipe_(make_recipe(*network_, input)) {
    for (const NetworkRecipe::Given& given : recipe_->given())
      given_.emplace_back((recipe_->buffers()[given.buffer].desc.get_size() + sizeof(float) - 1) / sizeof(float));
    missing_.assign(given_.size(), true);
    bind();
  }
  Network(const Network& other)
      : network_(other.network_), recipe_(other.recipe_), given_(other.given_), missing_(other.missing_) {
    bind();
  }
  Network(Network&&) = default;
  Network& operator=(const Network& other) { return *this = Network(other); }
  Network& operator=(Network&&) = default;
  ~Network() = default;

  const Shape<4>& input_shape() const { return recipe_->input_shape(); }
  std::size_t outputs() const { return recipe_->outputs().size(); }
  /// Bytes of activations that each copy of this network holds.
  std::size_t arena_bytes() const { return arena_.size(); }

  /// Weights of the convolution in that slot; they are copied. Throws ShapeError unless they have its shape.
  void give(std::size_t slot, const TensorView<const float, 4>& weight) {
    const NetworkRecipe::Given& given = recipe_->given().at(slot);
    require_shape("kernels::Network", "given weights", weight.shape, given.shape);
    missing_[slot] = false;
    const float* from = weight.data;
    if (rounds(given)) {
      round_to_bf16(from, weight.size(), rounded_.data());
      from = rounded_.data();
    }
    if (given.own) return given.own(from, given_[slot].data());
    check(dnnl_memory_set_data_handle(given_from_[slot].get(), const_cast<float*>(from)));
    const dnnl_exec_arg_t arguments[] = {{DNNL_ARG_FROM, given_from_[slot].get()},
                                         {DNNL_ARG_TO, memories_[given.buffer].get()},
                                         {DNNL_ARG_SCRATCHPAD, given_scratch_[slot].get()}};
    check(dnnl_primitive_execute(given.reorder.get(), stream_.get(), given.scratch_bytes > 0 ? 3 : 2, arguments));
    stream_.wait();
  }

  /// Throws ShapeError unless x has the shape that the network was made for, Error where given weights are missing.
  void execute(const TensorView<const float, 4>& x) {
    require_shape("kernels::Network", "input", x.shape, input_shape());
    for (std::size_t slot = 0; slot < missing_.size(); ++slot)
      if (missing_[slot]) throw Error(concat("kernels::Network: the weights of slot ", slot, " were not given"));
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
  bool rounds(const NetworkRecipe::Given& given) const { return is_bf16(network_->arithmetic()) && given.is_product; }

  static void check(dnnl_status_t status) {
    if (status != dnnl_success) throw Error(concat("kernels::Network: oneDNN status ", static_cast<int>(status)));
  }

  float* address(std::size_t buffer) const {
    const NetworkRecipe::Buffer& b = recipe_->buffers()[buffer];
    if (b.slot != NetworkRecipe::no_slot)
      return const_cast<float*>(reinterpret_cast<const float*>(arena_.data() + recipe_->offset(b)));
    if (b.given != NetworkRecipe::no_slot) return const_cast<float*>(given_[b.given].data());
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
    for (const NetworkRecipe::Given& given : recipe_->given()) {
      if (rounds(given)) rounded_.resize(std::max(rounded_.size(), static_cast<std::size_t>(volume(given.shape))));
      given_from_.emplace_back(given.plain, onednn::cpu_engine(), nullptr);
      given_scratch_.emplace_back(onednn::plain({static_cast<Index>(given.scratch_bytes / sizeof(float)) + 1}),
                                  onednn::cpu_engine());
    }
  }

  std::shared_ptr<PackedNetwork<Cpu>> network_;
  std::shared_ptr<const NetworkRecipe> recipe_;
  AlignedVector<std::byte> arena_;
  std::vector<AlignedVector<float>> given_;  // weights by slot, packed
  AlignedVector<float> rounded_;             // what is being given
  std::vector<bool> missing_;                // by slot: nothing was given yet
  std::vector<dnnl::memory> memories_;
  std::vector<dnnl::memory> given_from_, given_scratch_;           // by slot
  std::vector<std::vector<dnnl_exec_arg_t>> arguments_;            // of each step, for oneDNN
  std::vector<std::vector<float*>> addresses_;                     // of each step, for kernels of ours
  std::vector<std::pair<std::size_t, std::size_t>> input_places_;  // (step, argument) that is the caller's input
  dnnl::stream stream_{onednn::cpu_engine()};
};

}  // namespace pursuit::inline v0::kernels
