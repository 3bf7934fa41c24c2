// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/threads.hpp>
#include <pursuit/kernels/activation.hpp>
#include <pursuit/kernels/cpu/activate.hpp>
#include <pursuit/kernels/cpu/lanes.hpp>
#include <pursuit/kernels/squeeze_excitation.hpp>

#include <algorithm>
#include <cmath>

namespace pursuit::inline v0::kernels {

namespace detail {

/// y = A x + b of a row-major matrix; four rows at a time, so that four chains of sums run side by side.
inline void transform(const float* a, const float* b, Index rows, Index columns, const float* x, float* y) {
  constexpr Index some = 4;
  for (Index first = 0; first < rows; first += some) {
    const Index count = std::min(some, rows - first);
    const float* row[some];
    for (Index r = 0; r < some; ++r) row[r] = a + (first + std::min(r, count - 1)) * columns;
    Lanes sum[some] = {};
    Index c = 0;
    for (; c + lane_count <= columns; c += lane_count) {
      Lanes value, weights;
      load_loose(x + c, value);
      for (Index r = 0; r < some; ++r) {
        load_loose(row[r] + c, weights);
        add_product(sum[r], value, weights);
      }
    }
    for (Index r = 0; r < count; ++r) {
      float total = b[first + r];
      for (int k = 0; k < lane_count; ++k) total += sum[r][k];
      for (Index rest = c; rest < columns; ++rest) total += row[r][rest] * x[rest];
      y[first + r] = total;
    }
  }
}

/// The mean of so many registers, summed in four chains.
inline void mean_of(const float* x, Index count, float* mean) {
  Lanes sum[4] = {};
  Index i = 0;
  for (; i + 4 <= count; i += 4)
    for (Index k = 0; k < 4; ++k) sum[k] += lanes(x + (i + k) * lane_count);
  for (; i < count; ++i) sum[0] += lanes(x + i * lane_count);
  lanes(mean) = (sum[0] + sum[1] + sum[2] + sum[3]) / static_cast<float>(count);
}

/// y = activation(factor x) of so many registers.
template <Activation A>
void scale(const float* x, Index count, const Lanes& factor, float* y) {
  const Lanes by = factor;
  for (Index i = 0; i < count; ++i) {
    Lanes v = lanes(x + i * lane_count) * by;
    activate<A>(v);
    lanes(y + i * lane_count) = v;
  }
}

}  // namespace detail

inline Index squeeze_scratch_floats(const SqueezeExcitation& w) {
  const auto channels = static_cast<Index>(w.channels()), hidden = static_cast<Index>(w.hidden());
  return (channels + lane_count - 1) / lane_count * lane_count + hidden;
}

/// Squeeze-excitation and an activation after it, on images in blocks of channels.
///
/// Layout  x, y (N, ceil(C / block), H, W, block) with block = lane_count and zeros where there is no channel; y may
///         be x. `scratch` has squeeze_scratch_floats().
inline void squeeze_excitation(const float* x, Index images, Index cells, const SqueezeExcitation& w,
                               Activation activation, float* y, float* scratch) {
  const auto channels = static_cast<Index>(w.channels()), hidden = static_cast<Index>(w.hidden());
  const Index blocks = (channels + lane_count - 1) / lane_count, block_floats = cells * lane_count;
  float* mean = scratch;  // and then the factors
  float* reduced = scratch + blocks * lane_count;
  for (Index n = 0; n < images; ++n) {
    const float* image = x + n * blocks * block_floats;
    float* out = y + n * blocks * block_floats;
    parallel_for(blocks, [&](Index b) { detail::mean_of(image + b * block_floats, cells, mean + b * lane_count); });
    detail::transform(w.reduce.data(), w.reduce_bias.data(), hidden, channels, mean, reduced);
    for (Index k = 0; k < hidden; ++k) reduced[k] = std::max(reduced[k], 0.0F);
    detail::transform(w.expand.data(), w.expand_bias.data(), channels, hidden, reduced, mean);
    for (Index c = 0; c < channels; ++c)
      mean[c] = w.gate == SqueezeExcitation::Gate::sigmoid ? 1 / (1 + std::exp(-mean[c]))
                                                           : std::clamp(mean[c] + 3, 0.0F, 6.0F) / 6;
    std::fill(mean + channels, mean + blocks * lane_count, 0.0F);
    with_activation(activation, [&](auto a) {
      parallel_for(blocks, [&](Index b) {
        detail::scale<decltype(a)::value>(image + b * block_floats, cells, lanes(mean + b * lane_count),
                                          out + b * block_floats);
      });
    });
  }
}

}  // namespace pursuit::inline v0::kernels
