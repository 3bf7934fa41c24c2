// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/kernels/activation.hpp>
#include <pursuit/kernels/cpu/blocked_lrn.hpp>
#include <pursuit/kernels/cpu/blocked_pooling.hpp>
#include <pursuit/kernels/cpu/blocks.hpp>
#include <pursuit/kernels/cpu/dense.hpp>
#include <pursuit/kernels/cpu/depthwise.hpp>
#include <pursuit/kernels/cpu/expanded_depthwise.hpp>
#include <pursuit/kernels/cpu/onednn_compat.hpp>
#include <pursuit/kernels/cpu/packed_network.hpp>
#include <pursuit/kernels/cpu/pointwise.hpp>
#include <pursuit/kernels/cpu/recipe.hpp>
#include <pursuit/kernels/cpu/rounding.hpp>
#include <pursuit/kernels/cpu/squeeze_excitation.hpp>
#include <pursuit/kernels/cpu/stem.hpp>
#include <pursuit/kernels/cpu/winograd.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace pursuit::inline v0::kernels {

/// Chooses who computes each operation of a network, for one input shape.
class NetworkRecipe : public Recipe {
 public:
  NetworkRecipe(PackedNetwork<Cpu>& network, const Shape<4>& input)
      : network_(network), arithmetic_(network.arithmetic()), input_(input) {
    const NetworkDefinition& definition = network.definition();
    const auto& nodes = definition.nodes();
    if (volume(input) < 1 || input[1] != nodes[0].channels)
      throw ShapeError(concat("kernels::Network: input ", input, ": need ", nodes[0].channels, " channels"));
    last_reader_.assign(nodes.size(), 0);
    for (std::size_t i = 0; i < nodes.size(); ++i)
      for (Value read : nodes[i].reads) last_reader_[read.node] = i;
    for (Value out : definition.outputs()) last_reader_[out.node] = nodes.size();

    shapes_.resize(nodes.size());
    held_.resize(nodes.size());
    rounded_.resize(nodes.size());
    given_.resize(definition.given().size());
    shapes_[0] = input;
    buffers_.push_back({onednn::plain(onednn::dims_of(input))});
    for (std::size_t i = 1; i < nodes.size(); ++i)
      if (!nodes[i].reads.empty()) add(nodes[i], i);
    for (Value out : definition.outputs()) {
      const std::size_t buffer = in_rows(out.node);
      // An output outlives the last step; the caller's own input cannot be one.
      const std::size_t kept = buffer == 0 ? copied(0) : buffer;
      layout_.extend(buffers_[kept].slot, steps_.size() + definition.outputs().size());
      outputs_.push_back({kept, shapes_[out.node]});
    }
    arena_bytes_ = layout_.place();
  }

  const Shape<4>& input_shape() const { return input_; }

 private:
  void add(const Node& n, std::size_t i) {
    switch (n.kind) {
      case Node::Kind::convolution: return add_convolution(n, i);
      case Node::Kind::max_pool: return add_pooling(n, i, dnnl::algorithm::pooling_max);
      case Node::Kind::average_pool: return add_pooling(n, i, dnnl::algorithm::pooling_avg_exclude_padding);
      case Node::Kind::lrn: return add_lrn(n, i);
      case Node::Kind::squeeze_excitation: return add_squeeze(n, i);
      case Node::Kind::activation: return add_activation(n, i);
      case Node::Kind::add: return add_sum(n, i);
      case Node::Kind::concatenate: return add_concatenation(n, i);
      case Node::Kind::slice: return add_slice(n, i);
      case Node::Kind::input: throw Error("kernels::Network: a second input");
    }
  }

  // Whether the value is read by matrix products only, and not as what they add.
  bool is_only_multiplied(std::size_t i) const {
    const NetworkDefinition& definition = network_.definition();
    const auto multiplies = [&](const Node& n) {
      return is_product(n) && n.reads[0].node == i && std::ranges::count(n.reads, Value{i}) == 1;
    };
    return std::ranges::find(definition.outputs(), Value{i}) == definition.outputs().end() &&
           std::ranges::all_of(definition.nodes(), [&](const Node& n) {
             return std::ranges::find(n.reads, Value{i}) == n.reads.end() || multiplies(n);
           });
  }

  // The buffer of a node's value as a matrix product takes it: rounded where it is one of bf16 numbers.
  std::size_t operand(std::size_t node) {
    const std::size_t x = held_[node];
    if (!is_bf16(arithmetic_) || onednn::type_of(buffers_[x].desc) != onednn::Type::f32) return x;
    if (rounded_[node] == 0) {
      rounded_[node] = new_buffer(buffers_[x].desc);
      const auto count = static_cast<Index>(buffers_[x].desc.get_size() / sizeof(float));
      add_step({{},
                [count](float* const* a) { round_to_bf16(a[0], count, a[1]); },
                {{DNNL_ARG_SRC, x}, {DNNL_ARG_DST, rounded_[node]}}});
    }
    return rounded_[node];
  }

  // The buffer of a node's value in rows or in blocks of channels.
  std::size_t in_rows(std::size_t node) { return in_rows(node, held_[node]); }
  std::size_t in_blocks(std::size_t node) { return in_blocks(node, held_[node]); }
  // ... where another buffer holds it, too.
  std::size_t in_rows(std::size_t node, std::size_t from) {
    return in_order(node, from, rows(shapes_[node]), blocks(shapes_[node]), to_rows);
  }
  std::size_t in_blocks(std::size_t node, std::size_t from) {
    return in_order(node, from, blocks(shapes_[node]), rows(shapes_[node]), to_blocks);
  }
  // ... in any layout, but as floats.
  std::size_t in_floats(std::size_t node) {
    const std::size_t x = held_[node];
    return onednn::type_of(buffers_[x].desc) == onednn::Type::f32 ? x : in_blocks(node);
  }
  using Reorder = void(const float*, Index, Index, Index, float*);
  std::size_t in_order(std::size_t node, std::size_t from, const onednn::Desc& desc, const onednn::Desc& other,
                       Reorder* reorder) {
    if (buffers_[from].desc == desc || buffers_[from].desc != other) return in_layout(from, desc);
    const std::size_t to = new_buffer(desc);
    add_step({{},
              [reorder, s = shapes_[node]](float* const* a) { reorder(a[0], s[0], s[1], s[2] * s[3], a[1]); },
              {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}}});
    return to;
  }

  void add_convolution(const Node& n, std::size_t i) {
    const std::size_t source = n.reads[0].node;
    const Shape<4> w = convolved_shape(n);
    shapes_[i] = convolution_shape("kernels::Network", shapes_[source], w, n.convolution);
    if (is_backend(arithmetic_) && is_product(n)) {
      const bool bf16 = arithmetic_ == Arithmetic::backend_bf16;
      if (add_backend_convolution(n, i, bf16 ? onednn::Type::bf16 : onednn::Type::f32)) return;
    }
    if (deferred_ != 0) return add_expanded(n, i, w);
    if (expands(n, i, w)) {
      deferred_ = i;
      return;
    }
    if (Pointwise::fits(w, n.convolution)) return add_own<Pointwise>(n, i, w);
    if (is_strided_pointwise(w, n.convolution)) return add_strided_pointwise(n, i, w);
    if (n.reads.size() == 1) {
      if (Depthwise::fits(w, n.convolution)) return add_own<Depthwise>(n, i, w);
      if (Stem::fits(w, n.convolution)) return add_own<Stem>(n, i, w);
    }
    if (!n.given && Winograd::fits(w, n.convolution)) return add_winograd(n, i, w);
    if (Dense::fits(w, n.convolution)) return add_own<Dense>(n, i, w);
    if (!add_backend_convolution(n, i, onednn::Type::f32))
      throw Error(concat("kernels::Network: oneDNN has no convolution of ", shapes_[source], " by ", w));
  }

  // A convolution of oneDNN on numbers of that type, in the layouts that it likes best. It adds floats, and gives
  // floats unless they would be rounded anyway. False where oneDNN has none; then nothing is changed.
  bool add_backend_convolution(const Node& n, std::size_t i, onednn::Type type) {
    const std::size_t source = n.reads[0].node;
    const Shape<4> w = n.weight_shape();
    dnnl::post_ops after;
    if (n.reads.size() > 1) after.append_sum();
    onednn::append_activation(after, n.activation);
    const bool has_bias = n.bias.size() != 0;
    const onednn::Desc bias = has_bias ? onednn::plain({shapes_[i][1]}) : onednn::Desc();
    const onednn::Dims strides(2, n.convolution.stride), dilates(2, n.convolution.dilation - 1);
    const auto padding = [&](std::size_t axis) {
      return padding_of(shapes_[source][axis], (w[axis] - 1) * n.convolution.dilation + 1, n.convolution);
    };
    const Padding above = padding(2), beside = padding(3);
    // What is added would be rounded, too, if the result were.
    const bool rounds = n.reads.size() == 1 && is_only_multiplied(i);
    dnnl::convolution_forward::primitive_desc pd;
    std::size_t weights = 0;
    try {
      pd = onednn::convolution_desc(onednn::attributes(after), onednn::any(onednn::dims_of(shapes_[source]), type),
                                    onednn::any(PackedNetwork<Cpu>::weight_dims(n), type), bias,
                                    onednn::any(onednn::dims_of(shapes_[i]), rounds ? type : onednn::Type::f32),
                                    strides, dilates, {above.before, beside.before}, {above.after, beside.after});
      weights = n.given ? given_buffer(n, pd.weights_desc(), {})
                        : packed_buffer(pd.weights_desc(), network_.weights(i, pd.weights_desc()));
    } catch (const dnnl::error&) {
      return false;
    }

    const std::size_t x = in_layout(type == onednn::Type::f32 ? operand(source) : held_[source], pd.src_desc());
    std::size_t y = 0;
    if (n.reads.size() > 1) {
      const std::size_t residual = n.reads[1].node;
      require_shape("kernels::Network", "residual", shapes_[residual], shapes_[i]);
      y = in_layout(held_[residual], pd.dst_desc());
      // The sum overwrites the residual, unless that is the caller's input or somebody still reads it.
      if (y == held_[residual] && (y == 0 || y == x || is_read_after(i, y))) y = copied(y);
    } else {
      y = new_buffer(pd.dst_desc());
    }
    Arguments arguments{{DNNL_ARG_SRC, x}, {DNNL_ARG_WEIGHTS, weights}, {DNNL_ARG_DST, y}};
    if (has_bias) arguments.emplace_back(DNNL_ARG_BIAS, constant_buffer(bias, n.bias.data()));
    add_primitive<dnnl::convolution_forward>(pd, std::move(arguments));
    held_[i] = y;
    return true;
  }

  // Whether a later operation than `i` reads a value that lies in the buffer.
  bool is_read_after(std::size_t i, std::size_t buffer) const {
    for (std::size_t k = 0; k < i; ++k)
      if (held_[k] == buffer && last_reader_[k] > i) return true;
    return false;
  }

  // A kernel of ours that packs weights and bias together.
  template <class Kernel>
  void add_own(const Node& n, std::size_t i, const Shape<4>& w) {
    const std::size_t source = n.reads[0].node, from = is_product(n) ? operand(source) : held_[source];
    add_kernel(Kernel(shapes_[source], w, n.convolution, n.activation), n, i,
               std::is_same_v<Kernel, Stem> ? in_rows(source, from) : in_blocks(source, from));
  }

  static bool is_strided_pointwise(const Shape<4>& w, ConvolutionOptions o) {
    o.stride = 1;
    return Pointwise::fits(w, o);
  }
  // The cells that it reads, and then a convolution of those.
  void add_strided_pointwise(const Node& n, std::size_t i, const Shape<4>& w) {
    const std::size_t source = n.reads[0].node, from = in_blocks(source, operand(source));
    const PoolingOptions every{.kernel = 1, .stride = n.convolution.stride};
    const Shape<4> some = pooling_shape("kernels::Network", shapes_[source], every);
    const std::size_t x = new_buffer(blocks(some));
    add_step({{},
              [every, whole = shapes_[source]](float* const* a) { max_pool_blocks(a[0], whole, every, a[1]); },
              {{DNNL_ARG_SRC, from}, {DNNL_ARG_DST, x}}});
    add_kernel(Pointwise(some, w, {}, n.activation), n, i, x);
  }

  template <class Kernel>
  void add_kernel(const Kernel& kernel, const Node& n, std::size_t i, std::size_t x) {
    constexpr bool adds = std::is_same_v<Kernel, Pointwise> || std::is_same_v<Kernel, Dense>;
    const std::size_t weights = own_weights<Kernel>(n, i);
    const Arguments residual = residual_of(n, i);
    held_[i] = new_buffer(blocks(shapes_[i]));
    Step step{{}, {}, {{DNNL_ARG_SRC, x}, {DNNL_ARG_WEIGHTS, weights}, {DNNL_ARG_DST, held_[i]}}};
    if constexpr (!std::is_same_v<Kernel, Pointwise>)
      step.arguments.emplace_back(DNNL_ARG_SCRATCHPAD,
                                  new_buffer(numbers(std::max<Index>(kernel.scratch_floats(), 1))));
    step.own = [kernel, last = residual.empty() ? 0 : step.arguments.size()](float* const* a) {
      [[maybe_unused]] const float* added = last != 0 ? a[last] : nullptr;
      if constexpr (std::is_same_v<Kernel, Pointwise>)
        kernel.run(a[0], a[1], added, a[2]);
      else if constexpr (adds)
        kernel.run(a[0], a[1], added, a[2], a[3]);
      else
        kernel.run(a[0], a[1], a[2], a[3]);
    };
    step.arguments.insert(step.arguments.end(), residual.begin(), residual.end());
    add_step(std::move(step));
  }

  // What a convolution adds to its result, if anything.
  Arguments residual_of(const Node& n, std::size_t i) {
    if (n.reads.size() < 2) return {};
    require_shape("kernels::Network", "residual", shapes_[n.reads[1].node], shapes_[i]);
    return {{DNNL_ARG_SRC_1, in_blocks(n.reads[1].node)}};
  }

  // Whether convolution `i` is one of 1 x 1 that the next operation, and no other, reads to convolve its channels
  // alone.
  bool expands(const Node& n, std::size_t i, const Shape<4>& w) const {
    const auto& nodes = network_.definition().nodes();
    if (n.reads.size() != 1 || n.given || i + 1 == nodes.size()) return false;
    const Node& next = nodes[i + 1];
    return next.kind == Node::Kind::convolution && next.reads.size() == 1 && next.reads[0].node == i &&
           last_reader_[i] == i + 1 && ExpandedDepthwise::fits(w, n.convolution, next.weight_shape(), next.convolution);
  }

  void add_expanded(const Node& n, std::size_t i, const Shape<4>& w) {
    const std::size_t first = std::exchange(deferred_, 0);
    const Node& before = network_.definition().nodes()[first];
    const std::size_t source = before.reads[0].node;
    const ExpandedDepthwise kernel(shapes_[source], before.weight_shape(), before.convolution, before.activation, w,
                                   n.convolution, n.activation);
    Step step{{},
              [kernel](float* const* a) { kernel.run(a[0], a[1], a[2], a[4], a[3]); },
              {{DNNL_ARG_SRC, in_blocks(source, operand(source))},
               {DNNL_ARG_WEIGHTS_0, own_weights<Pointwise>(before, first)},
               {DNNL_ARG_WEIGHTS_1, own_weights<Depthwise>(n, i)},
               {DNNL_ARG_SCRATCHPAD, new_buffer(numbers(kernel.scratch_floats()))}}};
    held_[i] = new_buffer(blocks(shapes_[i]));
    step.arguments.emplace_back(DNNL_ARG_DST, held_[i]);
    add_step(std::move(step));
  }

  // A convolution whose weights are given and then multiplied with those of one before it.
  static bool is_folded(const Node& n) { return n.given && n.weight.size() != 0; }
  static Shape<4> convolved_shape(const Node& n) {
    Shape<4> w = n.weight_shape();
    if (is_folded(n)) w[1] = static_cast<Index>(n.weight.shape()[1]);
    return w;
  }

  // The buffer of weights and bias as a kernel of ours packs them.
  template <class Kernel>
  std::size_t own_weights(const Node& n, std::size_t i) {
    const Shape<4> w = convolved_shape(n);
    const Index floats = Kernel::packed_floats(w);
    const auto pack = [w, bias = bias_of(n)](const float* from, float* to) { Kernel::pack({from, w}, bias, to); };
    if (is_folded(n))
      return given_buffer(n, numbers(floats), [&n](const float* from, float* to) {
        const ProductOfPointwise product({from, n.given_shape}, n.bias, n.weight, n.weight_bias);
        Kernel::pack(product.weight, product.bias, to);
      });
    if (n.given) return given_buffer(n, numbers(floats), pack);
    return packed_buffer(numbers(floats), network_.own_weights(i, [&](const Node& node) {
      AlignedVector<float> packed(static_cast<std::size_t>(floats));
      pack(node.weight.data(), packed.data());
      return packed;
    }));
  }

  static TensorView<const float, 1> bias_of(const Node& n) {
    return n.bias.size() != 0 ? TensorView<const float, 1>(n.bias) : TensorView<const float, 1>();
  }

  // Where operation `i` may write what it makes of buffer x number by number: over it, unless that is the caller's
  // input or somebody still reads it.
  std::size_t place_beside(std::size_t x, std::size_t i) {
    return x == 0 || is_read_after(i, x) ? new_buffer(buffers_[x].desc) : x;
  }

  void add_winograd(const Node& n, std::size_t i, const Shape<4>& w) {
    const std::size_t source = n.reads[0].node;
    const Winograd kernel(shapes_[source], w, n.convolution, n.activation);
    const std::size_t x = in_blocks(source, operand(source));
    const std::size_t weights = packed_buffer(numbers(1), network_.own_weights(i, [](const Node& node) {
      return Winograd::pack(node.weight, node.convolution.groups);
    }));
    const std::size_t bias = constant_buffer(numbers(1), n.bias.size() != 0 ? n.bias.data() : nullptr);
    const Arguments residual = residual_of(n, i);
    const std::size_t y = new_buffer(blocks(shapes_[i]));
    const std::size_t scratch = new_buffer(numbers(kernel.scratch_floats()));
    Arguments arguments{{DNNL_ARG_SRC, x},
                        {DNNL_ARG_WEIGHTS, weights},
                        {DNNL_ARG_BIAS, bias},
                        {DNNL_ARG_DST, y},
                        {DNNL_ARG_SCRATCHPAD, scratch}};
    arguments.insert(arguments.end(), residual.begin(), residual.end());
    add_step({{},
              [kernel, adds = !residual.empty()](float* const* a) {
                kernel.run(a[0], a[1], a[2], adds ? a[5] : nullptr, a[3], a[4]);
              },
              std::move(arguments)});
    held_[i] = y;
  }

  void add_pooling(const Node& n, std::size_t i, dnnl::algorithm kind) {
    const std::size_t source = n.reads[0].node, x = held_[source];
    shapes_[i] = pooling_shape("kernels::Network", shapes_[source], n.pooling);
    const PoolingOptions& o = n.pooling;
    if (buffers_[x].desc == blocks(shapes_[source])) {
      held_[i] = new_buffer(blocks(shapes_[i]));
      const auto run = kind == dnnl::algorithm::pooling_max ? max_pool_blocks : average_pool_blocks;
      return add_step({{},
                       [run, o, shape = shapes_[source]](float* const* a) { run(a[0], shape, o, a[1]); },
                       {{DNNL_ARG_SRC, x}, {DNNL_ARG_DST, held_[i]}}});
    }
    const onednn::Dims strides(2, o.stride), kernel(2, o.kernel), padding(2, o.padding);
    const auto pool = [&](std::size_t from) {
      const onednn::Desc any = onednn::any(onednn::dims_of(shapes_[i]), onednn::type_of(buffers_[from].desc));
      const auto pd = onednn::pooling_desc(kind, buffers_[from].desc, any, strides, kernel, padding, padding);
      held_[i] = new_buffer(pd.dst_desc());
      add_primitive<dnnl::pooling_forward>(pd, {{DNNL_ARG_SRC, from}, {DNNL_ARG_DST, held_[i]}});
    };
    try {
      pool(x);
    } catch (const dnnl::error&) {  // oneDNN cannot pool that type
      pool(in_rows(source));
    }
  }

  void add_lrn(const Node& n, std::size_t i) {
    const std::size_t x = in_floats(n.reads[0].node);
    const Shape<4>& shape = shapes_[n.reads[0].node];
    shapes_[i] = shape;
    const bool whole_blocks = shape[1] % lane_count == 0 && shape[1] <= blocked_lrn_channels;
    if (whole_blocks && buffers_[x].desc == blocks(shape)) {
      held_[i] = new_buffer(rows(shape));
      add_step(
          {{},
           [shape, o = n.lrn](float* const* a) { blocked_lrn(a[0], shape[0], shape[1], shape[2] * shape[3], o, a[1]); },
           {{DNNL_ARG_SRC, x}, {DNNL_ARG_DST, held_[i]}}});
      return;
    }
    const auto pd = onednn::lrn_desc(buffers_[x].desc, n.lrn.size, n.lrn.alpha, n.lrn.beta, n.lrn.k);
    held_[i] = new_buffer(pd.dst_desc());
    add_primitive<dnnl::lrn_forward>(pd, {{DNNL_ARG_SRC, x}, {DNNL_ARG_DST, held_[i]}});
  }

  void add_squeeze(const Node& n, std::size_t i) {
    const Shape<4>& shape = shapes_[n.reads[0].node];
    shapes_[i] = shape;
    const std::size_t x = in_blocks(n.reads[0].node);
    held_[i] = place_beside(x, i);
    const std::size_t scratch = new_buffer(numbers(squeeze_scratch_floats(n.squeeze)));
    add_step({{},
              [w = &n.squeeze, images = shape[0], cells = shape[2] * shape[3], activation = n.activation](
                  float* const* a) { squeeze_excitation(a[0], images, cells, *w, activation, a[1], a[2]); },
              {{DNNL_ARG_SRC, x}, {DNNL_ARG_DST, held_[i]}, {DNNL_ARG_SCRATCHPAD, scratch}}});
  }

  void add_activation(const Node& n, std::size_t i) {
    const std::size_t x = in_floats(n.reads[0].node);
    shapes_[i] = shapes_[n.reads[0].node];
    held_[i] = place_beside(x, i);
    const auto count = static_cast<Index>(buffers_[x].desc.get_size() / sizeof(float));
    add_step({{},
              [count, activation = n.activation](float* const* a) { activate(a[0], count, activation, a[1]); },
              {{DNNL_ARG_SRC, x}, {DNNL_ARG_DST, held_[i]}}});
  }

  void add_sum(const Node& n, std::size_t i) {
    const std::size_t a = in_floats(n.reads[0].node), other = n.reads[1].node;
    shapes_[i] = shapes_[n.reads[0].node];
    require_shape("kernels::Network", "second term", shapes_[other], shapes_[i]);
    const std::size_t b = in_layout(held_[other], buffers_[a].desc);
    held_[i] = new_buffer(buffers_[a].desc);
    const auto count = static_cast<Index>(buffers_[a].desc.get_size() / sizeof(float));
    add_step({{},
              [count](float* const* at) {
                const float *first = at[0], *second = at[1];
                float* y = at[2];
#pragma omp simd
                for (Index k = 0; k < count; ++k) y[k] = first[k] + second[k];
              },
              {{DNNL_ARG_SRC_0, a}, {DNNL_ARG_SRC_1, b}, {DNNL_ARG_DST, held_[i]}}});
  }

  // Images lie one after the other, and in them blocks of channels where all operands fill theirs, else channels.
  void add_concatenation(const Node& n, std::size_t i) {
    Shape<4> shape = shapes_[n.reads[0].node];
    shape[1] = n.channels;
    shapes_[i] = shape;
    const bool whole_blocks = std::ranges::all_of(
        n.reads, [&](Value read) { return shapes_[read.node][1] % lane_count == 0 && held_[read.node] != 0; });
    Arguments arguments;
    std::vector<Index> lengths;  // floats of an image of each operand
    for (const Value read : n.reads) {
      const Shape<4>& part = shapes_[read.node];
      require_shape("kernels::Network", "part of a concatenation", part, {shape[0], part[1], shape[2], shape[3]});
      arguments.emplace_back(DNNL_ARG_MULTIPLE_SRC + static_cast<int>(lengths.size()),
                             whole_blocks ? in_blocks(read.node) : in_rows(read.node));
      lengths.push_back(part[1] * part[2] * part[3]);
    }
    held_[i] = new_buffer(whole_blocks ? blocks(shape) : rows(shape));
    arguments.emplace_back(DNNL_ARG_DST, held_[i]);
    add_step({{},
              [lengths, images = shape[0]](float* const* a) {
                float* to = a[lengths.size()];
                for (Index image = 0; image < images; ++image)
                  for (std::size_t k = 0; k < lengths.size(); ++k)
                    to = std::copy_n(a[k] + image * lengths[k], lengths[k], to);
              },
              std::move(arguments)});
  }

  void add_slice(const Node& n, std::size_t i) {
    const std::size_t source = n.reads[0].node;
    const Shape<4>& whole = shapes_[source];
    shapes_[i] = {whole[0], n.channels, whole[2], whole[3]};
    const bool whole_blocks =
        n.first % lane_count == 0 && n.channels % lane_count == 0 && whole[1] % lane_count == 0 && held_[source] != 0;
    const std::size_t x = whole_blocks ? in_blocks(source) : in_rows(source);
    held_[i] = new_buffer(whole_blocks ? blocks(shapes_[i]) : rows(shapes_[i]));
    const Index cells = whole[2] * whole[3];
    add_step({{},
              [images = whole[0], from = n.first * cells, step = whole[1] * cells,
               length = n.channels * cells](float* const* a) {
                for (Index image = 0; image < images; ++image)
                  std::copy_n(a[0] + image * step + from, length, a[1] + image * length);
              },
              {{DNNL_ARG_SRC, x}, {DNNL_ARG_DST, held_[i]}}});
  }

  PackedNetwork<Cpu>& network_;
  Arithmetic arithmetic_;
  Shape<4> input_;
  std::vector<std::size_t> last_reader_;  // of each node's value
  std::vector<Shape<4>> shapes_;          // of each node's value
  std::vector<std::size_t> held_;         // the buffer that holds each node's value
  std::vector<std::size_t> rounded_;      // the buffer that holds it rounded, or 0
  std::size_t deferred_ = 0;              // a convolution that is done together with the next, or 0
};

/// The recipe of a network for one input shape. A template, so that a program of many files can compile it once: with
///
///     extern template std::shared_ptr<const NetworkRecipe> make_recipe<Cpu>(PackedNetwork<Cpu>&, const Shape<4>&);
///
/// the kernels of networks come from the file that has the same line without `extern`.
template <class D>
std::shared_ptr<const NetworkRecipe> make_recipe(PackedNetwork<D>& network, const Shape<4>& input) {
  return std::make_shared<const NetworkRecipe>(network, input);
}

}  // namespace pursuit::inline v0::kernels
