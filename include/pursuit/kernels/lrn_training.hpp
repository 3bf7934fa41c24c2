// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/threads.hpp>
#include <pursuit/kernels/lrn.hpp>
#include <pursuit/kernels/reference/lrn.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

namespace pursuit::inline v0::kernels {

/// In double, for gradient checks, by the plain loop.
inline void lrn(const TensorView<const double, 4>& x, const LrnOptions& options, const TensorView<double, 4>& y) {
  reference::lrn<double>(x, options, y);
}

/// The gradient of local response normalisation (kernels/lrn.hpp). With s[c] = k + alpha / size * (the sum of squares):
///
///     dx[c] = dy[c] s[c]^-beta - 2 alpha beta / size x[c] sum_{|c' - c| <= size / 2} dy[c'] x[c'] s[c']^(-beta - 1)
///
/// since x[c] is a part of s[c'] for all those c'.
/// Shapes  all (N,C,H,W). Writes dx, which must not be x or dy. Throws ShapeError where the shapes differ.
template <class T>
void lrn_backward(const TensorView<const T, 4>& x, const TensorView<const T, 4>& dy, const LrnOptions& o,
                  const TensorView<T, 4>& dx) {
  require_shape("kernels::lrn_backward", "dy", dy.shape, x.shape);
  require_shape("kernels::lrn_backward", "dx", dx.shape, x.shape);
  const Index channels = x.shape[1], h = x.shape[2], w = x.shape[3], cells = h * w, half = o.size / 2;
  const T share = static_cast<T>(o.alpha) / static_cast<T>(o.size);
  const T beta = static_cast<T>(o.beta), cross = 2 * share * beta;
  const int workers = threads();
  std::vector<T> scales(static_cast<std::size_t>(workers * channels * w)), terms(scales.size());
  // A row of all channels at a time.
  parallel_for(workers, x.shape[0] * h, [&](Index row, int worker) {
    T *const scale = scales.data() + worker * channels * w, *const term = terms.data() + worker * channels * w;
    const Index first = row / h * channels * cells + row % h * w;
    const auto near = [&](Index c, const auto& add) {
      for (Index k = std::max<Index>(c - half, 0); k <= std::min(c + half, channels - 1); ++k) add(k);
    };
    for (Index c = 0; c < channels; ++c) {
      T* const s = scale + c * w;
      T* const t = term + c * w;
      std::fill_n(s, w, T(0));
      near(c, [&](Index k) {
        const T* const v = x.data + first + k * cells;
        for (Index j = 0; j < w; ++j) s[j] += v[j] * v[j];
      });
      const T* const value = x.data + first + c * cells;
      const T* const upstream = dy.data + first + c * cells;
      for (Index j = 0; j < w; ++j) {
        const T sum = static_cast<T>(o.k) + share * s[j];
        s[j] = std::pow(sum, -beta);
        t[j] = upstream[j] * value[j] * s[j] / sum;
      }
    }
    for (Index c = 0; c < channels; ++c) {
      const Index at = first + c * cells;
      T* const to = dx.data + at;
      std::fill_n(to, w, T(0));
      near(c, [&](Index k) {
        const T* const t = term + k * w;
        for (Index j = 0; j < w; ++j) to[j] += t[j];
      });
      const T* const s = scale + c * w;
      for (Index j = 0; j < w; ++j) to[j] = dy.data[at + j] * s[j] - cross * x.data[at + j] * to[j];
    }
  });
}

}  // namespace pursuit::inline v0::kernels
