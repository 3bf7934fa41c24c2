// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/aligned.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/kernels/cpu/lanes.hpp>
#include <pursuit/kernels/layer_options.hpp>
#include <pursuit/kernels/reference/convolution.hpp>

#include <algorithm>
#include <cstddef>
#include <limits>

/// Where a number of a row-major tensor lies in blocks of channels.
inline std::size_t blocked_place(const pursuit::Shape<4>& s, pursuit::Index n, pursuit::Index c, pursuit::Index cell) {
  constexpr pursuit::Index block = pursuit::kernels::lane_count;
  const pursuit::Index blocks = (s[1] + block - 1) / block;
  return static_cast<std::size_t>(((n * blocks + c / block) * s[2] * s[3] + cell) * block + c % block);
}

inline std::size_t blocked_floats(const pursuit::Shape<4>& s) {
  constexpr pursuit::Index block = pursuit::kernels::lane_count;
  return static_cast<std::size_t>(s[0] * ((s[1] + block - 1) / block) * block * s[2] * s[3]);
}

/// Channels in blocks; `fill` in those that fill up the last one.
inline pursuit::AlignedVector<float> in_blocks(const pursuit::Tensor<float, 4>& x, float fill = 0) {
  const pursuit::TensorView<const float, 4> view(x);
  pursuit::AlignedVector<float> blocks(blocked_floats(view.shape), fill);
  const float* from = view.data;
  for (pursuit::Index n = 0; n < view.shape[0]; ++n)
    for (pursuit::Index c = 0; c < view.shape[1]; ++c)
      for (pursuit::Index i = 0; i < view.shape[2] * view.shape[3]; ++i)
        blocks[blocked_place(view.shape, n, c, i)] = *from++;
  return blocks;
}

/// Back to rows.
inline pursuit::Tensor<float, 4> in_rows(const pursuit::AlignedVector<float>& blocks, const pursuit::Shape<4>& shape) {
  auto x = pursuit::make_tensor<float, 4>(shape);
  float* to = x.data();
  for (pursuit::Index n = 0; n < shape[0]; ++n)
    for (pursuit::Index c = 0; c < shape[1]; ++c)
      for (pursuit::Index i = 0; i < shape[2] * shape[3]; ++i) *to++ = blocks[blocked_place(shape, n, c, i)];
  return x;
}

/// Memory of which a kernel must write each number.
inline pursuit::AlignedVector<float> unwritten_blocks(const pursuit::Shape<4>& shape) {
  return pursuit::AlignedVector<float>(blocked_floats(shape), std::numeric_limits<float>::quiet_NaN());
}

/// Whether the channels that fill up the last block are zeros: backends rely on it.
inline bool fills_with_zeros(const pursuit::AlignedVector<float>& blocks, pursuit::Shape<4> shape) {
  const pursuit::Index channels = shape[1];
  shape[1] =
      (channels + pursuit::kernels::lane_count - 1) / pursuit::kernels::lane_count * pursuit::kernels::lane_count;
  for (pursuit::Index n = 0; n < shape[0]; ++n)
    for (pursuit::Index c = channels; c < shape[1]; ++c)
      for (pursuit::Index i = 0; i < shape[2] * shape[3]; ++i)
        if (blocks[blocked_place(shape, n, c, i)] != 0) return false;
  return true;
}

inline double activated(double v, pursuit::kernels::Activation activation) {
  using pursuit::kernels::Activation;
  switch (activation) {
    case Activation::none: return v;
    case Activation::relu: return std::max(v, 0.0);
    case Activation::relu6: return std::clamp(v, 0.0, 6.0);
    case Activation::hard_swish: return v * std::clamp(v + 3, 0.0, 6.0) / 6;
  }
  return v;
}

/// The plain loop in double, with what may follow it. `bias` and `residual` may be empty.
inline pursuit::Tensor<double, 4> expected_convolution(const pursuit::Tensor<float, 4>& x,
                                                       const pursuit::Tensor<float, 4>& w,
                                                       const pursuit::Tensor<float, 1>& bias,
                                                       const pursuit::kernels::ConvolutionOptions& options,
                                                       const pursuit::Tensor<float, 4>& residual,
                                                       pursuit::kernels::Activation activation) {
  const pursuit::Tensor<double, 4> xd(x), wd(w);
  const pursuit::Tensor<double, 1> bd(bias);
  pursuit::TensorView<const double, 1> b;
  if (bias.size() != 0) b = bd;
  auto y = pursuit::make_tensor<double, 4>(pursuit::kernels::convolution_shape(
      "test", pursuit::TensorView<const double, 4>(xd).shape, pursuit::TensorView<const double, 4>(wd).shape, options));
  pursuit::kernels::reference::convolution<double>(xd, wd, b, options, y);
  for (std::size_t i = 0; i < y.size(); ++i)
    y.data()[i] = activated(y.data()[i] + (residual.size() != 0 ? residual.data()[i] : 0), activation);
  return y;
}
