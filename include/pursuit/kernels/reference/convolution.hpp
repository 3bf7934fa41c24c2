// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/kernels/layer_options.hpp>

namespace pursuit::inline v0::kernels::reference {

/// The definition, in plain loops: see kernels/convolution.hpp.
template <class T>
void convolution(TensorView<const T, 4> x, TensorView<const T, 4> w, TensorView<const T, 1> bias,
                 const ConvolutionOptions& o, TensorView<T, 4> y) {
  require_shape("kernels::reference::convolution", "output", y.shape,
                convolution_shape("kernels::reference::convolution", x.shape, w.shape, o));
  const Index outputs = w.shape[0] / o.groups, inputs = w.shape[1];
  const Index above = padding_of(x.shape[2], (w.shape[2] - 1) * o.dilation + 1, o).before;
  const Index left = padding_of(x.shape[3], (w.shape[3] - 1) * o.dilation + 1, o).before;
  for (Index n = 0; n < y.shape[0]; ++n)
    for (Index c = 0; c < y.shape[1]; ++c)
      for (Index i = 0; i < y.shape[2]; ++i)
        for (Index j = 0; j < y.shape[3]; ++j) {
          T sum = bias.data != nullptr ? bias(c) : T(0);
          for (Index k = 0; k < inputs; ++k)
            for (Index u = 0; u < w.shape[2]; ++u)
              for (Index v = 0; v < w.shape[3]; ++v) {
                const Index row = i * o.stride - above + u * o.dilation;
                const Index col = j * o.stride - left + v * o.dilation;
                if (row < 0 || row >= x.shape[2] || col < 0 || col >= x.shape[3]) continue;
                sum += w(c, k, u, v) * x(n, c / outputs * inputs + k, row, col);
              }
          y(n, c, i, j) = sum;
        }
}

}  // namespace pursuit::inline v0::kernels::reference
