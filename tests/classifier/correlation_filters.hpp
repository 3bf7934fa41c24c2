// SPDX-License-Identifier: MIT
#pragma once

// What the tests of the correlation filters share: small feature maps and a transform by its definition, in double.

#include <pursuit/core/features.hpp>
#include <pursuit/core/random.hpp>
#include <pursuit/core/tensor.hpp>

#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

namespace pursuit::test {

using Spectrum = std::vector<std::complex<double>>;

/// The full unnormalised DFT of an h x w map, or its inverse with 1/(h w), by the definition.
inline Spectrum dft(const Spectrum& x, Index h, Index w, bool inverse = false) {
  Spectrum out(x.size());
  const double sign = inverse ? 1 : -1;
  for (Index u = 0; u < h; ++u)
    for (Index v = 0; v < w; ++v) {
      std::complex<double> sum = 0;
      for (Index i = 0; i < h; ++i)
        for (Index j = 0; j < w; ++j) {
          const double turn =
              static_cast<double>(u * i) / static_cast<double>(h) + static_cast<double>(v * j) / static_cast<double>(w);
          sum += x[static_cast<std::size_t>(i * w + j)] * std::polar(1.0, sign * 2 * std::numbers::pi * turn);
        }
      out[static_cast<std::size_t>(u * w + v)] = inverse ? sum / static_cast<double>(h * w) : sum;
    }
  return out;
}

/// Maps (n, c, h, w) of seeded noise with a little structure.
inline Tensor<float, 4> noise_maps(Index n, Index c, Index h, Index w, std::uint64_t seed) {
  auto maps = make_tensor<float, 4>(Shape<4>{n, c, h, w});
  Random random(seed);
  for (float& v : maps) v = static_cast<float>(random.normal());
  return maps;
}

/// All maps moved by (dy, dx) cells, around the corner.
inline Tensor<float, 4> rolled(const Tensor<float, 4>& maps, Index dy, Index dx) {
  Tensor<float, 4> out = maps;
  const Index h = static_cast<Index>(maps.shape()[2]), w = static_cast<Index>(maps.shape()[3]);
  const TensorView<const float, 4> from(maps);
  const TensorView<float, 4> to(out);
  for (Index n = 0; n < from.shape[0]; ++n)
    for (Index c = 0; c < from.shape[1]; ++c)
      for (Index i = 0; i < h; ++i)
        for (Index j = 0; j < w; ++j) to(n, c, (i + dy + h) % h, (j + dx + w) % w) = from(n, c, i, j);
  return out;
}

/// One map of one channel under the outer Hann window, as a complex map.
inline Spectrum windowed(const TensorView<const float, 4>& maps, Index n, Index c) {
  const Index h = maps.shape[2], w = maps.shape[3];
  const auto hann = [](Index i, Index size) {
    return size == 1
               ? 1.0
               : 0.5 * (1 - std::cos(2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(size - 1)));
  };
  Spectrum out;
  for (Index i = 0; i < h; ++i)
    for (Index j = 0; j < w; ++j) out.emplace_back(maps(n, c, i, j) * hann(i, h) * hann(j, w));
  return out;
}

/// The Gaussian label with its peak at (0, 0), wrapped.
inline Spectrum label(Index h, Index w, double sigma) {
  Spectrum out;
  for (Index i = 0; i < h; ++i)
    for (Index j = 0; j < w; ++j) {
      const auto di = static_cast<double>(std::min(i, h - i)), dj = static_cast<double>(std::min(j, w - j));
      out.emplace_back(std::exp(-(di * di + dj * dj) / (2 * sigma * sigma)));
    }
  return out;
}

inline FeatureMaps<> one_level(const Tensor<float, 4>& maps, double stride) {
  FeatureMaps<> out;
  out.add({maps, stride});
  return out;
}

}  // namespace pursuit::test
