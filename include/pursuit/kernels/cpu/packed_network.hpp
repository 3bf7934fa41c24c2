// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/aligned.hpp>
#include <pursuit/core/device.hpp>
#include <pursuit/core/precision.hpp>
#include <pursuit/kernels/cpu/arithmetic.hpp>
#include <pursuit/kernels/cpu/onednn_compat.hpp>
#include <pursuit/kernels/cpu/rounding.hpp>
#include <pursuit/kernels/fold_pointwise.hpp>
#include <pursuit/kernels/network_definition.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace pursuit::inline v0::kernels {

template <class D>
class PackedNetwork;  // see kernels/network.hpp

template <>
class PackedNetwork<Cpu> {
 public:
  using Numbers = std::shared_ptr<const AlignedVector<float>>;

  explicit PackedNetwork(NetworkDefinition definition, Precision precision = Precision::float32)
      : PackedNetwork(std::move(definition), arithmetic_for(precision)) {}
  PackedNetwork(NetworkDefinition definition, Arithmetic arithmetic)
      : arithmetic_(arithmetic),
        definition_(prepared(std::move(definition), arithmetic)),
        packed_(definition_.nodes().size()),
        own_(packed_.size()) {}

  const NetworkDefinition& definition() const { return definition_; }
  Arithmetic arithmetic() const { return arithmetic_; }

  /// Weights of a convolution in the given layout, packed at the first call for it. Throws dnnl::error where oneDNN
  /// cannot bring them there.
  Numbers weights(std::size_t node, const onednn::Desc& layout) {
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

  /// Weights of a convolution as the kernel of ours takes them that does it, packed at the first call.
  Numbers own_weights(std::size_t node, const std::function<AlignedVector<float>(const Node&)>& pack) {
    const std::lock_guard lock(mutex_);
    if (!own_[node]) own_[node] = std::make_shared<const AlignedVector<float>>(pack(definition_.nodes()[node]));
    return own_[node];
  }

  /// oneDNN has the groups in front: (g, O / g, C / g, kh, kw).
  static onednn::Dims weight_dims(const Node& n) {
    onednn::Dims dims = onednn::dims_of(n.weight_shape());
    if (n.convolution.groups > 1) {
      dims[0] /= n.convolution.groups;
      dims.insert(dims.begin(), n.convolution.groups);
    }
    return dims;
  }

 private:
  // Biases are added to sums, so they stay floats. Convolutions are not joined where each would be rounded.
  static NetworkDefinition prepared(NetworkDefinition d, Arithmetic arithmetic) {
    if (arithmetic == Arithmetic::floats) return fold_pointwise(std::move(d));
    if (!is_bf16(arithmetic)) return d;
    for (std::size_t i = 0; i < d.nodes().size(); ++i) {
      Node& node = d[{i}];
      if (is_product(node))
        round_to_bf16(node.weight.data(), static_cast<Index>(node.weight.size()), node.weight.data());
    }
    return d;
  }

  Arithmetic arithmetic_;
  NetworkDefinition definition_;
  std::mutex mutex_;
  std::vector<std::vector<std::pair<onednn::Desc, Numbers>>> packed_;
  std::vector<Numbers> own_;
};

}  // namespace pursuit::inline v0::kernels
