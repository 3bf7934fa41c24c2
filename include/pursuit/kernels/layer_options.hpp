// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>
#include <pursuit/core/tensor_view.hpp>

namespace pursuit::inline v0::kernels {

/// How a convolution moves over its input, the same in both directions.
struct ConvolutionOptions {
  int stride = 1;    ///< cells of the input from one output to the next
  int padding = 0;   ///< zeros around the input
  int dilation = 1;  ///< cells of the input from one tap of the kernel to the next; 1 is dense
  int groups = 1;    ///< the channels are split into so many independent convolutions
  /// In place of `padding`, TensorFlow's rule: as many zeros as give ceil(extent / stride) outputs, an odd one at the
  /// end.
  bool same = false;
};

/// What happens to each number of a convolution's result while it is written.
enum class Activation {
  none,
  relu,       ///< max(x, 0)
  relu6,      ///< min(max(x, 0), 6)
  hard_swish  ///< x min(max(x + 3, 0), 6) / 6
};

/// A square pooling window.
struct PoolingOptions {
  int kernel = 2;
  int stride = 2;
  int padding = 0;  ///< cells around the input that are never the maximum and do not count in an average
};

/// Local response normalisation across channels.
struct LrnOptions {
  int size = 5;  ///< channels in the sum, the own one in the middle
  float alpha = 1e-4F;
  float beta = 0.75F;
  float k = 1.0F;
};

/// The extent of what a window gives: floor((extent + 2 padding - reach) / stride) + 1, not below 0.
constexpr Index windows(Index extent, Index reach, int stride, int padding) {
  const Index room = extent + 2 * padding - reach;
  return room < 0 ? 0 : room / stride + 1;
}

/// Zeros before the first cell of an extent and after the last one.
struct Padding {
  Index before, after;
};
/// Those of a kernel that reaches over so many cells.
constexpr Padding padding_of(Index extent, Index reach, const ConvolutionOptions& o) {
  if (!o.same) return {o.padding, o.padding};
  const Index outputs = (extent + o.stride - 1) / o.stride, all = (outputs - 1) * o.stride + reach - extent;
  return all > 0 ? Padding{all / 2, all - all / 2} : Padding{0, 0};
}

/// Input (N, C, H, W) and weights (O, C / groups, kh, kw) give (N, O, H', W'). Throws ShapeError naming `where` unless
/// they fit each other and at least one output exists.
inline Shape<4> convolution_shape(const char* where, const Shape<4>& x, const Shape<4>& w,
                                  const ConvolutionOptions& o) {
  if (o.stride < 1 || o.padding < 0 || o.dilation < 1 || o.groups < 1)
    throw ShapeError(concat(where, ": stride ", o.stride, ", padding ", o.padding, ", dilation ", o.dilation,
                            ", groups ", o.groups, ": need at least 1, 0, 1, 1"));
  if (x[1] != w[1] * o.groups || w[0] % o.groups != 0)
    throw ShapeError(concat(where, ": input ", x, " does not fit weights ", w, " in ", o.groups,
                            " groups: need channels of the input = groups x second extent of the weights, and outputs "
                            "that divide into the groups"));
  const auto outputs = [&](std::size_t axis) {
    const Index reach = (w[axis] - 1) * o.dilation + 1;
    const Padding p = padding_of(x[axis], reach, o);
    return windows(x[axis] + p.before + p.after, reach, o.stride, 0);
  };
  const Shape<4> y{x[0], w[0], outputs(2), outputs(3)};
  if (volume(y) < 1) throw ShapeError(concat(where, ": input ", x, " is smaller than the reach of weights ", w));
  return y;
}

/// Input (N, C, H, W) gives (N, C, H', W'). Throws ShapeError naming `where` unless at least one output exists and
/// every window sees a cell of the input.
inline Shape<4> pooling_shape(const char* where, const Shape<4>& x, const PoolingOptions& o) {
  if (o.kernel < 1 || o.stride < 1 || o.padding < 0 || 2 * o.padding > o.kernel)
    throw ShapeError(concat(where, ": kernel ", o.kernel, ", stride ", o.stride, ", padding ", o.padding,
                            ": need at least 1, 1, 0, and a padding of at most half the kernel"));
  const Shape<4> y{x[0], x[1], windows(x[2], o.kernel, o.stride, o.padding),
                   windows(x[3], o.kernel, o.stride, o.padding)};
  if (volume(y) < 1) throw ShapeError(concat(where, ": input ", x, " is smaller than a window of ", o.kernel));
  return y;
}

}  // namespace pursuit::inline v0::kernels
