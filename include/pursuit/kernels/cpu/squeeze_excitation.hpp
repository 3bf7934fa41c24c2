// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/kernels/activation.hpp>
#include <pursuit/kernels/cpu/lanes.hpp>
#include <pursuit/kernels/squeeze_excitation.hpp>

#include <algorithm>
#include <cmath>

namespace pursuit::inline v0::kernels {

/// Squeeze-excitation and an activation after it, on images in blocks of channels.
///
/// Layout  x, y (N, ceil(C / block), H, W, block) with block = lane_count and zeros where there is no channel; y may
///         be x. `scratch` has squeeze_scratch_floats().
inline Index squeeze_scratch_floats(const SqueezeExcitation& w) {
  const auto channels = static_cast<Index>(w.channels()), hidden = static_cast<Index>(w.hidden());
  return (channels + lane_count - 1) / lane_count * lane_count + hidden;
}

inline void squeeze_excitation(const float* x, Index images, Index cells, const SqueezeExcitation& w,
                               Activation activation, float* y, float* scratch) {
  const auto channels = static_cast<Index>(w.channels()), hidden = static_cast<Index>(w.hidden());
  const Index blocks = (channels + lane_count - 1) / lane_count;
  float* mean = scratch;  // and then the factors
  float* reduced = scratch + blocks * lane_count;
  for (Index n = 0; n < images; ++n) {
    const float* image = x + n * blocks * cells * lane_count;
    float* out = y + n * blocks * cells * lane_count;
    for (Index b = 0; b < blocks; ++b) {
      Lanes sum{};
      for (Index i = 0; i < cells; ++i) sum += lanes(image + (b * cells + i) * lane_count);
      lanes(mean + b * lane_count) = sum / static_cast<float>(cells);
    }
    for (Index k = 0; k < hidden; ++k) {
      const float* row = w.reduce.data() + k * channels;
      float sum = 0;
#pragma omp simd reduction(+ : sum)
      for (Index c = 0; c < channels; ++c) sum += row[c] * mean[c];
      reduced[k] = std::max(sum + w.reduce_bias.data()[k], 0.0F);
    }
    for (Index c = 0; c < channels; ++c) {
      const float* row = w.expand.data() + c * hidden;
      float v = 0;
#pragma omp simd reduction(+ : v)
      for (Index k = 0; k < hidden; ++k) v += row[k] * reduced[k];
      v += w.expand_bias.data()[c];
      mean[c] = w.gate == SqueezeExcitation::Gate::sigmoid ? 1 / (1 + std::exp(-v)) : std::clamp(v + 3, 0.0F, 6.0F) / 6;
    }
    std::fill(mean + channels, mean + blocks * lane_count, 0.0F);
    with_activation(activation, [&](auto a) {
      for (Index b = 0; b < blocks; ++b) {
        const float* factor = mean + b * lane_count;
        for (Index i = b * cells * lane_count; i < (b + 1) * cells * lane_count; i += lane_count)
#pragma omp simd
          for (int l = 0; l < lane_count; ++l) out[i + l] = activated<decltype(a)::value>(image[i + l] * factor[l]);
      }
    });
  }
}

}  // namespace pursuit::inline v0::kernels
