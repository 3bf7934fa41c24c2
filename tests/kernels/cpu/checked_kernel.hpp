// SPDX-License-Identifier: MIT
#pragma once

#include "../random_tensor.hpp"
#include "blocked.hpp"

#include <pursuit/core/threads.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <limits>

/// Weights as a kernel keeps them; `bias` may be empty.
template <class Kernel>
pursuit::AlignedVector<float> packed_weights(const pursuit::Tensor<float, 4>& w,
                                             const pursuit::Tensor<float, 1>& bias) {
  using View = pursuit::TensorView<const float, 1>;
  const pursuit::Shape<4> shape = pursuit::TensorView<const float, 4>(w).shape;
  pursuit::AlignedVector<float> packed(static_cast<std::size_t>(Kernel::packed_floats(shape)));
  Kernel::pack(w, bias.size() != 0 ? View(bias) : View(), packed.data());
  return packed;
}

/// Memory that a kernel must write before it reads it.
template <class Kernel>
pursuit::AlignedVector<float> unwritten_scratch(const Kernel& kernel) {
  return pursuit::AlignedVector<float>(static_cast<std::size_t>(kernel.scratch_floats()),
                                       std::numeric_limits<float>::quiet_NaN());
}

/// Checks that blocks are what was computed in double, in sums of at most `terms` terms, and are filled up with zeros.
inline void check_blocks(const pursuit::AlignedVector<float>& blocks, const pursuit::Tensor<double, 4>& expected,
                         int terms) {
  const pursuit::TensorView<const double, 4> y(expected);
  REQUIRE(blocks.size() == blocked_floats(y.shape));
  CHECK(fills_with_zeros(blocks, y.shape));
  const auto rows = in_rows(blocks, y.shape);
  CHECK(relative_difference(pursuit::TensorView<const float, 4>(rows), y) <
        2 * std::sqrt(static_cast<double>(terms)) * std::numeric_limits<float>::epsilon());
}

/// Checks a kernel against the plain loop in double, and that threads change nothing. `in` is x as the kernel reads it;
/// `bias` may be empty.
template <class Kernel>
void check_kernel(const pursuit::Tensor<float, 4>& x, const float* in, const pursuit::Tensor<float, 4>& w,
                  const pursuit::Tensor<float, 1>& bias, const pursuit::kernels::ConvolutionOptions& options,
                  pursuit::kernels::Activation activation, int terms) {
  using View = pursuit::TensorView<const float, 4>;
  const auto packed = packed_weights<Kernel>(w, bias);
  const auto run = [&] {
    const Kernel kernel(View(x).shape, View(w).shape, options, activation);
    auto scratch = unwritten_scratch(kernel), out = unwritten_blocks(kernel.output_shape());
    kernel.run(in, packed.data(), out.data(), scratch.data());
    return out;
  };
  const auto out = run();
  check_blocks(out, expected_convolution(x, w, bias, options, {}, activation), terms);

  const int before = pursuit::threads();
  pursuit::set_threads(3);
  CHECK(run() == out);
  pursuit::set_threads(before);
}
