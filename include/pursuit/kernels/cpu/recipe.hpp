// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/kernels/cpu/arena.hpp>
#include <pursuit/kernels/cpu/lanes.hpp>
#include <pursuit/kernels/cpu/onednn_compat.hpp>
#include <pursuit/kernels/cpu/packed_network.hpp>

#include <cstddef>
#include <cstring>
#include <functional>
#include <limits>
#include <utility>
#include <vector>

namespace pursuit::inline v0::kernels {

/// What copies of a network share: the steps to take, the packed weights, and where each activation lies.
class Recipe {
 public:
  static constexpr std::size_t no_slot = std::numeric_limits<std::size_t>::max();

  /// Where a value, weights or scratch memory is while the network runs.
  struct Buffer {
    onednn::Desc desc;
    std::size_t slot = no_slot;            // of the arena
    PackedNetwork<Cpu>::Numbers packed{};  // or these numbers
    const float* constant = nullptr;       // or these of the definition
    std::size_t given = no_slot;           // or the weights of this slot, which each copy has of its own
  };
  /// A primitive of oneDNN, or a function of ours that gets the addresses of its arguments in their order.
  struct Step {
    dnnl::primitive primitive;
    std::function<void(float* const*)> own;
    std::vector<std::pair<int, std::size_t>> arguments;  // (DNNL_ARG_..., buffer)
  };
  struct Output {
    std::size_t buffer;
    Shape<4> shape;
  };
  /// Weights that come at run time as (O, C / groups, kh, kw), and what brings them into the layout of their buffer:
  /// a function of ours (from, to), or else a reorder of oneDNN.
  struct Given {
    std::size_t buffer;
    Shape<4> shape;
    bool is_product;
    onednn::Desc plain;
    std::function<void(const float*, float*)> own;
    dnnl::primitive reorder{};
    std::size_t scratch_bytes = 0;
  };

  /// Buffer 0 is the caller's input.
  const std::vector<Buffer>& buffers() const { return buffers_; }
  const std::vector<Step>& steps() const { return steps_; }
  const std::vector<Output>& outputs() const { return outputs_; }
  /// By slot.
  const std::vector<Given>& given() const { return given_; }
  std::size_t arena_bytes() const { return arena_bytes_; }
  /// Bytes from the start of the arena. Pre: the buffer has a slot.
  std::size_t offset(const Buffer& b) const { return layout_.offset(b.slot); }

 protected:
  using Arguments = std::vector<std::pair<int, std::size_t>>;

  std::size_t new_buffer(const onednn::Desc& desc) {
    buffers_.push_back({desc, layout_.add(desc.get_size(), steps_.size(), steps_.size())});
    return buffers_.size() - 1;
  }
  std::size_t packed_buffer(const onednn::Desc& desc, PackedNetwork<Cpu>::Numbers numbers) {
    buffers_.push_back({desc, no_slot, std::move(numbers)});
    return buffers_.size() - 1;
  }
  std::size_t constant_buffer(const onednn::Desc& desc, const float* numbers) {
    buffers_.push_back({desc, no_slot, {}, numbers});
    return buffers_.size() - 1;
  }
  // Room for weights that come at run time; without `own` oneDNN brings them into the layout, and throws where it
  // cannot.
  std::size_t given_buffer(const Node& n, const onednn::Desc& desc, std::function<void(const float*, float*)> own) {
    Given given{.buffer = buffers_.size(),
                .shape = n.weight_shape(),
                .is_product = is_product(n),
                .plain = onednn::plain(PackedNetwork<Cpu>::weight_dims(n)),
                .own = std::move(own)};
    if (!given.own) {
      const dnnl::reorder::primitive_desc pd(onednn::cpu_engine(), given.plain, onednn::cpu_engine(), desc,
                                             onednn::attributes());
      given.reorder = dnnl::reorder(pd);
      given.scratch_bytes = pd.scratchpad_desc().get_size();
    }
    buffers_.push_back({.desc = desc, .given = n.slot});
    given_[n.slot] = std::move(given);
    return buffers_.size() - 1;
  }

  void add_step(Step step) {
    for (const auto& [arg, buffer] : step.arguments)
      if (buffers_[buffer].slot != no_slot) layout_.extend(buffers_[buffer].slot, steps_.size());
    steps_.push_back(std::move(step));
  }
  template <class P, class PrimitiveDesc>
  void add_primitive(const PrimitiveDesc& pd, Arguments arguments) {
    if (const auto scratch = pd.scratchpad_desc(); scratch.get_size() > 0)
      arguments.emplace_back(DNNL_ARG_SCRATCHPAD, new_buffer(scratch));
    add_step({P(pd), {}, std::move(arguments)});
  }

  static onednn::Desc rows(const Shape<4>& shape) { return onednn::plain(onednn::dims_of(shape)); }
  static onednn::Desc blocks(const Shape<4>& shape) { return onednn::blocked(onednn::dims_of(shape), lane_count); }
  static onednn::Desc numbers(Index count) { return onednn::plain({count}); }

  std::size_t reordered(std::size_t from, const onednn::Desc& desc) {
    const dnnl::reorder::primitive_desc pd(onednn::cpu_engine(), buffers_[from].desc, onednn::cpu_engine(), desc,
                                           onednn::attributes());
    const std::size_t to = new_buffer(desc);
    add_primitive<dnnl::reorder>(pd, {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}});
    return to;
  }
  std::size_t copied(std::size_t from) {
    const std::size_t to = new_buffer(buffers_[from].desc), bytes = buffers_[from].desc.get_size();
    add_step(
        {{}, [bytes](float* const* a) { std::memcpy(a[1], a[0], bytes); }, {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}}});
    return to;
  }
  std::size_t in_layout(std::size_t from, const onednn::Desc& desc) {
    return buffers_[from].desc == desc ? from : reordered(from, desc);
  }

  std::vector<Buffer> buffers_;
  std::vector<Step> steps_;
  std::vector<Output> outputs_;
  std::vector<Given> given_;
  ArenaLayout layout_;
  std::size_t arena_bytes_ = 0;
};

}  // namespace pursuit::inline v0::kernels
