// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/aligned.hpp>
#include <pursuit/kernels/cpu/arena.hpp>
#include <pursuit/kernels/cpu/onednn_compat.hpp>
#include <pursuit/kernels/network.hpp>

#include <cstddef>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace pursuit::inline v0::kernels {

template <>
class PackedNetwork<Cpu, float> {
 public:
  explicit PackedNetwork(NetworkDefinition definition)
      : definition_(std::move(definition)), packed_(definition_.nodes().size()) {}

  const NetworkDefinition& definition() const { return definition_; }

  /// Weights of a convolution in the given layout, packed at the first call for it.
  std::shared_ptr<const AlignedVector<float>> weights(std::size_t node, const onednn::Desc& layout) {
    const std::lock_guard lock(mutex_);
    for (const auto& [known, data] : packed_[node])
      if (known == layout) return data;
    auto data = std::make_shared<AlignedVector<float>>((layout.get_size() + sizeof(float) - 1) / sizeof(float));
    const Node& n = definition_.nodes()[node];
    dnnl::memory from(onednn::plain(weight_dims(n)), onednn::cpu_engine(), const_cast<float*>(n.weight.data()));
    dnnl::memory to(layout, onednn::cpu_engine(), data->data());
    dnnl::stream stream(onednn::cpu_engine());
    dnnl::reorder(from, to).execute(stream, from, to);
    stream.wait();
    packed_[node].emplace_back(layout, data);
    return data;
  }

  /// oneDNN has the groups in front: (g, O / g, C / g, kh, kw).
  static onednn::Dims weight_dims(const Node& n) {
    const auto& w = n.weight.shape();
    onednn::Dims dims(w.begin(), w.end());
    if (n.convolution.groups > 1) {
      dims[0] /= n.convolution.groups;
      dims.insert(dims.begin(), n.convolution.groups);
    }
    return dims;
  }

 private:
  NetworkDefinition definition_;
  std::mutex mutex_;
  std::vector<std::vector<std::pair<onednn::Desc, std::shared_ptr<const AlignedVector<float>>>>> packed_;
};

template <>
class Network<Cpu, float> {
 public:
  Network(std::shared_ptr<PackedNetwork<Cpu, float>> network, const Shape<4>& input)
      : recipe_(std::make_shared<const Recipe>(*network, input)), network_(std::move(network)) {
    bind();
  }
  Network(const Network& other) : recipe_(other.recipe_), network_(other.network_) { bind(); }
  Network(Network&&) = default;
  Network& operator=(const Network& other) { return *this = Network(other); }
  Network& operator=(Network&&) = default;
  ~Network() = default;

  const Shape<4>& input_shape() const { return recipe_->input; }
  std::size_t outputs() const { return recipe_->outputs.size(); }
  /// Bytes of activations that a copy of this network holds.
  std::size_t arena_bytes() const { return arena_.size(); }

  /// Throws ShapeError unless x has the shape that the network was made for.
  void execute(const TensorView<const float, 4>& x) {
    require_shape("kernels::Network", "input", x.shape, recipe_->input);
    // oneDNN's memory objects are not const-correct; the input is only read.
    check(dnnl_memory_set_data_handle(memories_[0].get(), const_cast<float*>(x.data)));
    for (std::size_t i = 0; i < recipe_->steps.size(); ++i)
      check(dnnl_primitive_execute(recipe_->steps[i].primitive.get(), stream_.get(),
                                   static_cast<int>(arguments_[i].size()), arguments_[i].data()));
    stream_.wait();
  }

  TensorView<const float, 4> output(std::size_t i) const {
    const auto& out = recipe_->outputs[i];
    return {static_cast<const float*>(address(out.buffer)), out.shape};
  }

 private:
  static constexpr std::size_t no_slot = std::numeric_limits<std::size_t>::max();

  struct Buffer {
    onednn::Desc desc;
    std::size_t slot = no_slot;  // of the arena
    std::shared_ptr<const AlignedVector<float>> constant{};
    const float* plain_constant = nullptr;  // points into the definition
  };
  struct Step {
    dnnl::primitive primitive;
    std::vector<std::pair<int, std::size_t>> arguments;  // (DNNL_ARG_..., buffer)
  };
  struct Output {
    std::size_t buffer;
    Shape<4> shape;
  };

  /// What copies share: chosen primitives, packed weights, and where each activation lies.
  struct Recipe {
    Recipe(PackedNetwork<Cpu, float>& network, const Shape<4>& in) : input(in) {
      const NetworkDefinition& definition = network.definition();
      const auto& nodes = definition.nodes();
      if (volume(in) < 1 || in[1] != nodes[0].channels)
        throw ShapeError(concat("kernels::Network: input ", in, ": need ", nodes[0].channels, " channels"));
      std::vector<std::size_t> last_reader(nodes.size(), 0);
      for (std::size_t i = 0; i < nodes.size(); ++i)
        for (Value read : nodes[i].reads) last_reader[read.node] = i;
      for (Value out : definition.outputs()) last_reader[out.node] = nodes.size();

      shapes.resize(nodes.size());
      held.resize(nodes.size());
      shapes[0] = in;
      buffers.push_back({onednn::plain(onednn::dims_of(in))});
      for (std::size_t i = 1; i < nodes.size(); ++i) {
        const Node& n = nodes[i];
        switch (n.kind) {
          case Node::Kind::convolution: add_convolution(network, i, last_reader); break;
          case Node::Kind::max_pool: add_pooling(n, i, dnnl::algorithm::pooling_max); break;
          case Node::Kind::average_pool: add_pooling(n, i, dnnl::algorithm::pooling_avg_exclude_padding); break;
          case Node::Kind::lrn: add_lrn(n, i); break;
          case Node::Kind::relu: add_relu(n, i); break;
          case Node::Kind::add: add_sum(n, i); break;
          case Node::Kind::input: throw Error("kernels::Network: a second input");
        }
      }
      for (Value out : definition.outputs()) {
        const std::size_t buffer = in_layout(held[out.node], onednn::plain(onednn::dims_of(shapes[out.node])));
        // An output outlives the last step; the caller's own input cannot be one.
        const std::size_t kept = buffer == 0 ? copied(buffer) : buffer;
        layout.extend(buffers[kept].slot, steps.size() + definition.outputs().size());
        outputs.push_back({kept, shapes[out.node]});
      }
      bytes = layout.place();
    }

    Shape<4> input;
    std::vector<Shape<4>> shapes;   // of each node's value
    std::vector<std::size_t> held;  // the buffer that holds each node's value
    std::vector<Buffer> buffers;    // 0 is the caller's input
    std::vector<Step> steps;
    std::vector<Output> outputs;
    ArenaLayout layout;
    std::size_t bytes = 0;

   private:
    std::size_t new_buffer(const onednn::Desc& desc) {
      buffers.push_back({desc, layout.add(desc.get_size(), steps.size(), steps.size())});
      return buffers.size() - 1;
    }

    template <class P, class PrimitiveDesc>
    void add_step(const PrimitiveDesc& pd, std::vector<std::pair<int, std::size_t>> arguments) {
      if (const auto scratch = pd.scratchpad_desc(); scratch.get_size() > 0)
        arguments.emplace_back(DNNL_ARG_SCRATCHPAD, new_buffer(scratch));
      for (const auto& [arg, buffer] : arguments)
        if (buffers[buffer].slot != no_slot) layout.extend(buffers[buffer].slot, steps.size());
      steps.push_back({P(pd), std::move(arguments)});
    }

    std::size_t reordered(std::size_t from, const onednn::Desc& desc) {
      const std::size_t to = new_buffer(desc);
      const dnnl::reorder::primitive_desc pd(onednn::cpu_engine(), buffers[from].desc, onednn::cpu_engine(), desc,
                                             onednn::attributes());
      add_step<dnnl::reorder>(pd, {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}});
      return to;
    }
    std::size_t copied(std::size_t from) { return reordered(from, buffers[from].desc); }
    std::size_t in_layout(std::size_t from, const onednn::Desc& desc) {
      return buffers[from].desc == desc ? from : reordered(from, desc);
    }

    void add_convolution(PackedNetwork<Cpu, float>& network, std::size_t i,
                         const std::vector<std::size_t>& last_reader) {
      const Node& n = network.definition().nodes()[i];
      const std::size_t source = n.reads[0].node;
      Shape<4> w{};
      for (std::size_t d = 0; d < 4; ++d) w[d] = static_cast<Index>(n.weight.shape()[d]);
      shapes[i] = convolution_shape("kernels::Network", shapes[source], w, n.convolution);

      dnnl::post_ops after;
      if (n.reads.size() > 1) after.append_sum();
      if (n.relu) onednn::append_relu(after);
      const bool has_bias = n.bias.size() != 0;
      const onednn::Desc bias = has_bias ? onednn::plain({shapes[i][1]}) : onednn::Desc();
      const onednn::Dims strides(2, n.convolution.stride), dilates(2, n.convolution.dilation - 1),
          padding(2, n.convolution.padding);
      const auto pd =
          onednn::convolution_desc(onednn::attributes(after), onednn::any(onednn::dims_of(shapes[source])),
                                   onednn::any(PackedNetwork<Cpu, float>::weight_dims(n)), bias,
                                   onednn::any(onednn::dims_of(shapes[i])), strides, dilates, padding, padding);

      const std::size_t x = in_layout(held[source], pd.src_desc());
      const std::size_t weights = buffers.size();
      buffers.push_back({pd.weights_desc(), no_slot, network.weights(i, pd.weights_desc())});
      std::size_t y = 0;
      if (n.reads.size() > 1) {
        const std::size_t residual = n.reads[1].node;
        require_shape("kernels::Network", "residual", shapes[residual], shapes[i]);
        y = in_layout(held[residual], pd.dst_desc());
        // The sum overwrites the residual, unless that is the caller's input or somebody still reads it.
        if (y == held[residual] && (y == 0 || y == x || is_read_after(i, y, last_reader))) y = copied(y);
      } else {
        y = new_buffer(pd.dst_desc());
      }
      std::vector<std::pair<int, std::size_t>> arguments{
          {DNNL_ARG_SRC, x}, {DNNL_ARG_WEIGHTS, weights}, {DNNL_ARG_DST, y}};
      if (has_bias) {
        arguments.emplace_back(DNNL_ARG_BIAS, buffers.size());
        buffers.push_back({bias, no_slot, {}, n.bias.data()});
      }
      add_step<dnnl::convolution_forward>(pd, std::move(arguments));
      held[i] = y;
    }

    // Whether a later operation than `i` reads a value that lies in the buffer.
    bool is_read_after(std::size_t i, std::size_t buffer, const std::vector<std::size_t>& last_reader) const {
      for (std::size_t k = 0; k < i; ++k)
        if (held[k] == buffer && last_reader[k] > i) return true;
      return false;
    }

    void add_pooling(const Node& n, std::size_t i, dnnl::algorithm kind) {
      const std::size_t source = n.reads[0].node, x = held[source];
      shapes[i] = pooling_shape("kernels::Network", shapes[source], n.pooling);
      const PoolingOptions& o = n.pooling;
      const onednn::Dims strides(2, o.stride), kernel(2, o.kernel), padding(2, o.padding);
      const auto pd = onednn::pooling_desc(kind, buffers[x].desc, onednn::any(onednn::dims_of(shapes[i])), strides,
                                           kernel, padding, padding);
      held[i] = new_buffer(pd.dst_desc());
      add_step<dnnl::pooling_forward>(pd, {{DNNL_ARG_SRC, x}, {DNNL_ARG_DST, held[i]}});
    }

    void add_lrn(const Node& n, std::size_t i) {
      const std::size_t x = held[n.reads[0].node];
      shapes[i] = shapes[n.reads[0].node];
      const auto pd = onednn::lrn_desc(buffers[x].desc, n.lrn.size, n.lrn.alpha, n.lrn.beta, n.lrn.k);
      held[i] = new_buffer(pd.dst_desc());
      add_step<dnnl::lrn_forward>(pd, {{DNNL_ARG_SRC, x}, {DNNL_ARG_DST, held[i]}});
    }

    void add_relu(const Node& n, std::size_t i) {
      const std::size_t x = held[n.reads[0].node];
      shapes[i] = shapes[n.reads[0].node];
      held[i] = new_buffer(buffers[x].desc);
      add_step<dnnl::eltwise_forward>(onednn::relu_desc(buffers[x].desc), {{DNNL_ARG_SRC, x}, {DNNL_ARG_DST, held[i]}});
    }

    void add_sum(const Node& n, std::size_t i) {
      const std::size_t a = held[n.reads[0].node], other = n.reads[1].node;
      shapes[i] = shapes[n.reads[0].node];
      require_shape("kernels::Network", "second term", shapes[other], shapes[i]);
      const std::size_t b = in_layout(held[other], buffers[a].desc);
      held[i] = new_buffer(buffers[a].desc);
      add_step<dnnl::binary>(onednn::add_desc(buffers[a].desc, buffers[a].desc, buffers[a].desc),
                             {{DNNL_ARG_SRC_0, a}, {DNNL_ARG_SRC_1, b}, {DNNL_ARG_DST, held[i]}});
    }
  };

  static void check(dnnl_status_t status) {
    if (status != dnnl_success) throw Error(concat("kernels::Network: oneDNN status ", static_cast<int>(status)));
  }

  void* address(std::size_t buffer) const {
    const Buffer& b = recipe_->buffers[buffer];
    if (b.constant) return const_cast<float*>(b.constant->data());
    if (b.plain_constant != nullptr) return const_cast<float*>(b.plain_constant);
    if (b.slot == no_slot) return nullptr;
    return const_cast<std::byte*>(arena_.data()) + recipe_->layout.offset(b.slot);
  }

  void bind() {
    arena_.resize(recipe_->bytes);
    for (std::size_t i = 0; i < recipe_->buffers.size(); ++i)
      memories_.emplace_back(recipe_->buffers[i].desc, onednn::cpu_engine(), address(i));
    for (const Step& step : recipe_->steps) {
      auto& list = arguments_.emplace_back();
      for (const auto& [arg, buffer] : step.arguments) list.push_back({arg, memories_[buffer].get()});
    }
  }

  std::shared_ptr<const Recipe> recipe_;
  std::shared_ptr<PackedNetwork<Cpu, float>> network_;
  AlignedVector<std::byte> arena_;
  std::vector<dnnl::memory> memories_;
  std::vector<std::vector<dnnl_exec_arg_t>> arguments_;
  dnnl::stream stream_{onednn::cpu_engine()};
};

}  // namespace pursuit::inline v0::kernels
