// SPDX-License-Identifier: MIT
#pragma once

#include "convolutions.hpp"

#include <pursuit/kernels/cpu/onednn_compat.hpp>

namespace pursuit::bench {

/// Runs a convolution with a ReLU by oneDNN alone, with packed weights in its own layouts.
inline void run_onednn(benchmark::State& state, const Convolution& c) {
  namespace onednn = kernels::onednn;
  const kernels::ConvolutionOptions& o = c.options;
  const Shape<4> y_shape = kernels::convolution_shape("bench", c.x, c.w, o);
  onednn::Dims w_dims = onednn::dims_of(c.w);
  if (o.groups > 1) {
    w_dims[0] /= o.groups;
    w_dims.insert(w_dims.begin(), o.groups);
  }
  dnnl::post_ops after;
  onednn::append_activation(after, kernels::Activation::relu);
  const auto pd =
      onednn::convolution_desc(onednn::attributes(after), onednn::any(onednn::dims_of(c.x)), onednn::any(w_dims),
                               onednn::Desc(), onednn::any(onednn::dims_of(y_shape)), {o.stride, o.stride},
                               {o.dilation - 1, o.dilation - 1}, {o.padding, o.padding}, {o.padding, o.padding});
  const auto floats = [](const onednn::Desc& desc) { return static_cast<Index>(desc.get_size() / 4 + 1); };
  auto x = noise(floats(pd.src_desc()), 1), w = noise(floats(pd.weights_desc()), 2),
       y = noise(floats(pd.dst_desc()), 3), scratch = noise(floats(pd.scratchpad_desc()), 4);
  const auto& engine = onednn::cpu_engine();
  dnnl::memory xm(pd.src_desc(), engine, x.data()), wm(pd.weights_desc(), engine, w.data()),
      ym(pd.dst_desc(), engine, y.data()), sm(pd.scratchpad_desc(), engine, scratch.data());
  dnnl::stream stream(engine);
  dnnl::convolution_forward primitive(pd);
  for (auto _ : state)
    primitive.execute(stream,
                      {{DNNL_ARG_SRC, xm}, {DNNL_ARG_WEIGHTS, wm}, {DNNL_ARG_DST, ym}, {DNNL_ARG_SCRATCHPAD, sm}});
  describe(state, c);
}

}  // namespace pursuit::bench
