// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/kernels/squeeze_excitation.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace pursuit::inline v0::kernels::reference {

/// The definition, in plain loops: see kernels/squeeze_excitation.hpp. Shapes  x, y (N,C,H,W); y may be x.
template <class T>
void squeeze_excitation(TensorView<const T, 4> x, const SqueezeExcitation& w, TensorView<T, 4> y) {
  require_shape("kernels::reference::squeeze_excitation", "output", y.shape, x.shape);
  const Index cells = x.shape[2] * x.shape[3];
  std::vector<T> mean(w.channels()), hidden(w.hidden());
  for (Index n = 0; n < x.shape[0]; ++n) {
    for (std::size_t c = 0; c < mean.size(); ++c) {
      const T* plane = x.data + (n * x.shape[1] + static_cast<Index>(c)) * cells;
      T sum = 0;
      for (Index i = 0; i < cells; ++i) sum += plane[i];
      mean[c] = sum / static_cast<T>(cells);
    }
    for (std::size_t k = 0; k < hidden.size(); ++k) {
      T sum = w.reduce_bias(k);
      for (std::size_t c = 0; c < mean.size(); ++c) sum += w.reduce(k, c) * mean[c];
      hidden[k] = std::max(sum, T(0));
    }
    for (std::size_t c = 0; c < mean.size(); ++c) {
      T v = w.expand_bias(c);
      for (std::size_t k = 0; k < hidden.size(); ++k) v += w.expand(c, k) * hidden[k];
      const T factor =
          w.gate == SqueezeExcitation::Gate::sigmoid ? 1 / (1 + std::exp(-v)) : std::clamp(v + 3, T(0), T(6)) / 6;
      const Index first = (n * x.shape[1] + static_cast<Index>(c)) * cells;
      for (Index i = first; i < first + cells; ++i) y.data[i] = factor * x.data[i];
    }
  }
}

}  // namespace pursuit::inline v0::kernels::reference
