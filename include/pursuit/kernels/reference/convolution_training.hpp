// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/kernels/layer_options.hpp>

#include <algorithm>

namespace pursuit::inline v0::kernels::reference {

namespace detail {

/// tap(src, weights, dst): the offsets of each product that the convolution adds to dst.
template <class Tap>
void for_each_tap(const Shape<4>& src, const Shape<4>& weights, const Shape<4>& dst, const ConvolutionOptions& o,
                  Tap&& tap) {
  const Index outputs = weights[0] / o.groups, inputs = weights[1];
  const Index top = padding_of(src[2], (weights[2] - 1) * o.dilation + 1, o).before;
  const Index left = padding_of(src[3], (weights[3] - 1) * o.dilation + 1, o).before;
  for (Index n = 0; n < dst[0]; ++n)
    for (Index c = 0; c < dst[1]; ++c)
      for (Index k = 0; k < inputs; ++k)
        for (Index u = 0; u < weights[2]; ++u)
          for (Index v = 0; v < weights[3]; ++v)
            for (Index i = 0; i < dst[2]; ++i) {
              const Index row = i * o.stride - top + u * o.dilation;
              if (row < 0 || row >= src[2]) continue;
              const Index from = ((n * src[1] + c / outputs * inputs + k) * src[2] + row) * src[3];
              const Index to = ((n * dst[1] + c) * dst[2] + i) * dst[3];
              const Index weight = ((c * inputs + k) * weights[2] + u) * weights[3] + v;
              for (Index j = 0; j < dst[3]; ++j) {
                const Index col = j * o.stride - left + v * o.dilation;
                if (col >= 0 && col < src[3]) tap(from + col, weight, to + j);
              }
            }
}

}  // namespace detail

/// The definition, in plain loops: see kernels/convolution_training.hpp.
template <class T>
void convolution_backward_data(TensorView<const T, 4> diff_dst, TensorView<const T, 4> weights,
                               const ConvolutionOptions& o, TensorView<T, 4> diff_src) {
  require_shape("kernels::reference::convolution_backward_data", "diff_dst", diff_dst.shape,
                convolution_shape("kernels::reference::convolution_backward_data", diff_src.shape, weights.shape, o));
  std::fill(diff_src.begin(), diff_src.end(), T(0));
  detail::for_each_tap(diff_src.shape, weights.shape, diff_dst.shape, o, [&](Index src, Index w, Index dst) {
    diff_src.data[src] += weights.data[w] * diff_dst.data[dst];
  });
}

/// The definition, in plain loops: see kernels/convolution_training.hpp. Adds.
template <class T>
void convolution_backward_weights(TensorView<const T, 4> src, TensorView<const T, 4> diff_dst,
                                  const ConvolutionOptions& o, TensorView<T, 4> diff_weights) {
  require_shape(
      "kernels::reference::convolution_backward_weights", "diff_dst", diff_dst.shape,
      convolution_shape("kernels::reference::convolution_backward_weights", src.shape, diff_weights.shape, o));
  detail::for_each_tap(src.shape, diff_weights.shape, diff_dst.shape, o,
                       [&](Index x, Index w, Index dst) { diff_weights.data[w] += src.data[x] * diff_dst.data[dst]; });
}

}  // namespace pursuit::inline v0::kernels::reference
