// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/tensor_view.hpp>

#include <cmath>
#include <complex>

namespace pursuit::inline v0::kernels::reference {

namespace detail {

/// e^(2 pi i k / n).
template <class T>
std::complex<T> root_of_unity(Index k, Index n) {
  const double angle = 6.283185307179586 * static_cast<double>(k % n) / static_cast<double>(n);
  return {static_cast<T>(std::cos(angle)), static_cast<T>(std::sin(angle))};
}

}  // namespace detail

/// X[p,q] = sum_i,j x[i,j] e^(-2 pi i (p i / h + q j / w)) for q = 0 .. w/2, of each map of a batch.
template <class T>
void forward(const TensorView<const T, 3>& x, const TensorView<std::complex<T>, 3>& X) {
  const Index h = x.shape[1], w = x.shape[2];
  for (Index b = 0; b < x.shape[0]; ++b)
    for (Index p = 0; p < h; ++p)
      for (Index q = 0; q < w / 2 + 1; ++q) {
        std::complex<T> sum = 0;
        for (Index i = 0; i < h; ++i)
          for (Index j = 0; j < w; ++j)
            sum += x(b, i, j) * std::conj(detail::root_of_unity<T>(p * i, h) * detail::root_of_unity<T>(q * j, w));
        X(b, p, q) = sum;
      }
}

/// x[i,j] = 1/(h w) sum_p,q X[p,q] e^(2 pi i (p i / h + q j / w)), where X[p,q] beyond the stored half is
/// conj(X[-p,-q]).
template <class T>
void inverse(const TensorView<const std::complex<T>, 3>& X, const TensorView<T, 3>& x) {
  const Index h = x.shape[1], w = x.shape[2];
  const auto bin = [&](Index b, Index p, Index q) {
    return q < w / 2 + 1 ? X(b, p, q) : std::conj(X(b, (h - p) % h, w - q));
  };
  for (Index b = 0; b < x.shape[0]; ++b)
    for (Index i = 0; i < h; ++i)
      for (Index j = 0; j < w; ++j) {
        std::complex<T> sum = 0;
        for (Index p = 0; p < h; ++p)
          for (Index q = 0; q < w; ++q)
            sum += bin(b, p, q) * detail::root_of_unity<T>(p * i, h) * detail::root_of_unity<T>(q * j, w);
        x(b, i, j) = sum.real() / static_cast<T>(h * w);
      }
}

}  // namespace pursuit::inline v0::kernels::reference
