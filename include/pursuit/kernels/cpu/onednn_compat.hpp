// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/tensor_view.hpp>
#include <pursuit/kernels/layer_options.hpp>

#include <dnnl.hpp>

#include <cstddef>

// The one place that knows how oneDNN 2.x and 3.x differ: 3.x has no operation descriptors, takes the engine first,
// the attributes last, and source and destination apart.
namespace pursuit::inline v0::kernels::onednn {

using Dims = dnnl::memory::dims;
using Desc = dnnl::memory::desc;

template <std::size_t N>
Dims dims_of(const Shape<N>& shape) {
  return Dims(shape.begin(), shape.end());
}

using Type = dnnl::memory::data_type;

/// A dense row-major layout of floats.
inline Desc plain(const Dims& dims) {
  Dims strides(dims.size(), 1);
  for (std::size_t i = dims.size() - 1; i > 0; --i) strides[i - 1] = strides[i] * dims[i];
  return Desc(dims, Type::f32, strides);
}

/// Images whose channels come in blocks: (N, C / block, H, W, block), for blocks of 8 or 16.
inline Desc blocked(const Dims& dims, int block) {
  using Tag = dnnl::memory::format_tag;
  return Desc(dims, Type::f32, block == 16 ? Tag::nChw16c : Tag::nChw8c);
}

/// Whatever layout the primitive likes best.
inline Desc any(const Dims& dims, Type type = Type::f32) { return Desc(dims, type, dnnl::memory::format_tag::any); }

/// Whether the processor multiplies bf16 numbers (AVX-512 BF16, AMX), rather than oneDNN floats made of them.
inline bool multiplies_bf16() {
  const auto has = static_cast<unsigned>(dnnl::get_effective_cpu_isa());
  const auto needed = static_cast<unsigned>(dnnl::cpu_isa::avx512_core_bf16);
  return (has & needed) == needed;
}

/// The processor. oneDNN's engines are handles without a state of ours, so all networks share one.
inline const dnnl::engine& cpu_engine() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

/// Scratch memory is handed in at execution, so that a primitive can serve several threads.
inline dnnl::primitive_attr attributes(const dnnl::post_ops& after = {}) {
  dnnl::primitive_attr attr;
  attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  attr.set_post_ops(after);
  return attr;
}

inline constexpr auto inference = dnnl::prop_kind::forward_inference;

#if DNNL_VERSION_MAJOR < 3

inline Type type_of(const Desc& desc) { return desc.data_type(); }

template <class P, class... Args>
typename P::primitive_desc primitive_desc(const dnnl::primitive_attr& attr, const Args&... args) {
  return {typename P::desc(args...), attr, cpu_engine()};
}

/// Of a backward pass, which wants to know the forward pass it belongs to.
template <class P, class Forward, class... Args>
typename P::primitive_desc backward_desc(const Forward& forward, const Args&... args) {
  return {typename P::desc(args...), attributes(), cpu_engine(), forward};
}

inline void append_eltwise(dnnl::post_ops& after, dnnl::algorithm kind, float alpha, float beta) {
  after.append_eltwise(1.0F, kind, alpha, beta);
}

inline auto lrn_desc(const Desc& x, int size, float alpha, float beta, float k) {
  return primitive_desc<dnnl::lrn_forward>(attributes(), inference, dnnl::algorithm::lrn_across_channels, x,
                                           dnnl::memory::dim(size), alpha, beta, k);
}

inline auto pooling_desc(dnnl::algorithm kind, const Desc& x, const Desc& y, const Dims& strides, const Dims& kernel,
                         const Dims& padding, const Dims& padding_end) {
  return primitive_desc<dnnl::pooling_forward>(attributes(), inference, kind, x, y, strides, kernel, padding,
                                               padding_end);
}

#else

inline Type type_of(const Desc& desc) { return desc.get_data_type(); }

template <class P, class... Args>
typename P::primitive_desc primitive_desc(const dnnl::primitive_attr& attr, const Args&... args) {
  return typename P::primitive_desc(cpu_engine(), args..., attr);
}

/// Of a backward pass, which wants to know the forward pass it belongs to.
template <class P, class Forward, class... Args>
typename P::primitive_desc backward_desc(const Forward& forward, const Args&... args) {
  return typename P::primitive_desc(cpu_engine(), args..., forward, attributes());
}

inline void append_eltwise(dnnl::post_ops& after, dnnl::algorithm kind, float alpha, float beta) {
  after.append_eltwise(kind, alpha, beta);
}

inline auto lrn_desc(const Desc& x, int size, float alpha, float beta, float k) {
  return primitive_desc<dnnl::lrn_forward>(attributes(), inference, dnnl::algorithm::lrn_across_channels, x, x,
                                           dnnl::memory::dim(size), alpha, beta, k);
}

inline auto pooling_desc(dnnl::algorithm kind, const Desc& x, const Desc& y, const Dims& strides, const Dims& kernel,
                         const Dims& padding, const Dims& padding_end) {
  return primitive_desc<dnnl::pooling_forward>(attributes(), inference, kind, x, y, strides, kernel,
                                               Dims(kernel.size(), 0), padding, padding_end);
}

#endif

inline void append_activation(dnnl::post_ops& after, Activation activation) {
  switch (activation) {
    case Activation::none: return;
    case Activation::relu: return append_eltwise(after, dnnl::algorithm::eltwise_relu, 0, 0);
    case Activation::relu6: return append_eltwise(after, dnnl::algorithm::eltwise_clip, 0, 6);
    // x min(max(alpha x + beta, 0), 1); 2.x ignores the two and has these.
    case Activation::hard_swish: return append_eltwise(after, dnnl::algorithm::eltwise_hardswish, 1.0F / 6, 0.5F);
  }
}

inline auto convolution_desc(const dnnl::primitive_attr& attr, const Desc& x, const Desc& w, const Desc& bias,
                             const Desc& y, const Dims& strides, const Dims& dilates, const Dims& padding,
                             const Dims& padding_end) {
  return primitive_desc<dnnl::convolution_forward>(attr, inference, dnnl::algorithm::convolution_direct, x, w, bias, y,
                                                   strides, dilates, padding, padding_end);
}

}  // namespace pursuit::inline v0::kernels::onednn
