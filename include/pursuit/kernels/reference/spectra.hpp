// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/tensor_view.hpp>

#include <complex>

namespace pursuit::inline v0::kernels::reference {

/// The plain form of kernels::pack_windowed.
template <class T>
void pack_windowed(const T* re, const T* im, const T* window, Index n, std::complex<T>* out) {
  for (Index k = 0; k < n; ++k) out[k] = {re[k] * window[k], im == nullptr ? T(0) : im[k] * window[k]};
}

/// The plain form of kernels::symmetrise.
template <class T>
void symmetrise(T* e, Index h, Index w) {
  for (Index i = 0; i < h; ++i)
    for (Index j = 0; j < w; ++j) {
      T& here = e[i * w + j];
      T& opposite = e[(h - i) % h * w + (w - j) % w];
      here = opposite = (here + opposite) / 2;
    }
}

/// The plain form of kernels::conjugate_products.
template <class T>
void conjugate_products(const std::complex<T>* w, const std::complex<T>* x, Index channels, Index n,
                        std::complex<T>* out) {
  for (Index k = 0; k < n; ++k) {
    out[k] = 0;
    for (Index c = 0; c < channels; ++c) out[k] += std::conj(w[c * n + k]) * x[c * n + k];
  }
}

/// The plain form of kernels::blend_label_products.
template <class T>
void blend_label_products(const std::complex<T>* z, const std::complex<T>* y, Index n, T keep, T rate,
                          std::complex<T>* out) {
  for (Index k = 0; k < n; ++k)
    out[k] = (keep == T(0) ? std::complex<T>(0) : keep * out[k]) + rate * z[k] * std::conj(y[k]);
}

/// The plain form of kernels::multiply.
template <class T>
void multiply(const std::complex<T>* a, Index n, std::complex<T>* x) {
  for (Index k = 0; k < n; ++k) x[k] *= a[k];
}

/// The plain form of kernels::add_energy.
template <class T>
void add_energy(const std::complex<T>* z, Index n, T weight, T* sum) {
  for (Index k = 0; k < n; ++k) sum[k] += weight * std::norm(z[k]);
}

}  // namespace pursuit::inline v0::kernels::reference
