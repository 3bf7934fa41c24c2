// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/aligned.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/core/random.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/kernels/layer_options.hpp>

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>

namespace pursuit::bench {

/// A convolution of a published network: shapes of its input and of its weights.
struct Convolution {
  Shape<4> x, w;
  kernels::ConvolutionOptions options;
};

/// Uniform numbers in [-1, 1).
inline AlignedVector<float> noise(Index count, std::uint64_t seed) {
  AlignedVector<float> numbers(static_cast<std::size_t>(count));
  Random random(seed);
  for (float& v : numbers) v = static_cast<float>(random.uniform(-1, 1));
  return numbers;
}
template <std::size_t N>
Tensor<float, N> noise(const Shape<N>& shape, std::uint64_t seed) {
  auto t = make_tensor<float, N>(shape);
  Random random(seed);
  for (float& v : t) v = static_cast<float>(random.uniform(-1, 1));
  return t;
}

/// Those of the direct sum, whoever computes it.
inline double operations(const Convolution& c) {
  const Shape<4> y = kernels::convolution_shape("bench", c.x, c.w, c.options);
  return 2.0 * static_cast<double>(volume(y) * c.w[1] * c.w[2] * c.w[3]);
}
inline void count(benchmark::State& state, double operations) {
  state.counters["FLOP/s"] = benchmark::Counter(operations, benchmark::Counter::kIsIterationInvariantRate);
}
inline void describe(benchmark::State& state, const Convolution& c) {
  count(state, operations(c));
  state.SetLabel(concat(c.x, " with ", c.w));
}

}  // namespace pursuit::bench
