// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/tensor_view.hpp>

#include <algorithm>
#include <complex>

namespace pursuit::inline v0::kernels {

// The arithmetic of correlation filters: element by element over `n` frequencies. Complex numbers are worked on as
// pairs of floats, because std::complex multiplication tests for infinities and does not vectorise.

/// out[k] = (re[k] + i im[k]) window[k]; without `im`, imaginary parts are zero.
inline void pack_windowed(const float* re, const float* im, const float* window, Index n, std::complex<float>* out) {
  auto* of = reinterpret_cast<float*>(out);
  if (im == nullptr) {
#pragma omp simd
    for (Index k = 0; k < n; ++k) {
      of[2 * k] = re[k] * window[k];
      of[2 * k + 1] = 0;
    }
    return;
  }
#pragma omp simd
  for (Index k = 0; k < n; ++k) {
    of[2 * k] = re[k] * window[k];
    of[2 * k + 1] = im[k] * window[k];
  }
}

/// Makes the energy of packed pairs that of their parts: e[k] <- (e[k] + e[-k]) / 2, frequencies (h, w) wrapping
/// around. |A + iB|^2 at k and at -k sum to twice |A|^2 + |B|^2 where A and B are spectra of real maps.
inline void symmetrise(float* e, Index h, Index w) {
  for (Index i = 0; i < h; ++i)
    for (Index j = 0; j < w; ++j) {
      const Index k = i * w + j, opposite = (h - i) % h * w + (w - j) % w;
      if (opposite <= k) continue;
      e[k] = e[opposite] = 0.5F * (e[k] + e[opposite]);
    }
}

/// out[k] = sum_c conj(w[c][k]) x[c][k], the spectrum of a response. w and x are (channels, n), out is (n).
inline void conjugate_products(const std::complex<float>* w, const std::complex<float>* x, Index channels, Index n,
                               std::complex<float>* out) {
  const auto* wf = reinterpret_cast<const float*>(w);
  const auto* xf = reinterpret_cast<const float*>(x);
  auto* of = reinterpret_cast<float*>(out);
  // A block of frequencies at a time, so that the sums stay in the first-level cache.
  constexpr Index block = 256;
  for (Index k0 = 0; k0 < n; k0 += block) {
    const Index m = std::min(block, n - k0);
    float* o = of + 2 * k0;
    for (Index k = 0; k < 2 * m; ++k) o[k] = 0;
    for (Index c = 0; c < channels; ++c) {
      const float* a = wf + 2 * (c * n + k0);
      const float* b = xf + 2 * (c * n + k0);
#pragma omp simd
      for (Index k = 0; k < m; ++k) {
        o[2 * k] += a[2 * k] * b[2 * k] + a[2 * k + 1] * b[2 * k + 1];
        o[2 * k + 1] += a[2 * k] * b[2 * k + 1] - a[2 * k + 1] * b[2 * k];
      }
    }
  }
}

/// out[k] = keep out[k] + rate z[k] conj(y[k]); with keep = 0 out is not read.
inline void blend_label_products(const std::complex<float>* z, const std::complex<float>* y, Index n, float keep,
                                 float rate, std::complex<float>* out) {
  const auto* zf = reinterpret_cast<const float*>(z);
  const auto* yf = reinterpret_cast<const float*>(y);
  auto* of = reinterpret_cast<float*>(out);
  const auto blend = [&](auto old) {
#pragma omp simd
    for (Index k = 0; k < n; ++k) {
      const float re = zf[2 * k] * yf[2 * k] + zf[2 * k + 1] * yf[2 * k + 1];
      const float im = zf[2 * k + 1] * yf[2 * k] - zf[2 * k] * yf[2 * k + 1];
      of[2 * k] = old(2 * k) + rate * re;
      of[2 * k + 1] = old(2 * k + 1) + rate * im;
    }
  };
  if (keep == 0)
    blend([](Index) { return 0.0F; });
  else
    blend([&](Index i) { return keep * of[i]; });
}

/// x[k] *= a[k].
inline void multiply(const std::complex<float>* a, Index n, std::complex<float>* x) {
  const auto* af = reinterpret_cast<const float*>(a);
  auto* xf = reinterpret_cast<float*>(x);
#pragma omp simd
  for (Index k = 0; k < n; ++k) {
    const float re = af[2 * k] * xf[2 * k] - af[2 * k + 1] * xf[2 * k + 1];
    const float im = af[2 * k] * xf[2 * k + 1] + af[2 * k + 1] * xf[2 * k];
    xf[2 * k] = re;
    xf[2 * k + 1] = im;
  }
}

/// sum[k] += weight |z[k]|^2.
inline void add_energy(const std::complex<float>* z, Index n, float weight, float* sum) {
  const auto* zf = reinterpret_cast<const float*>(z);
#pragma omp simd
  for (Index k = 0; k < n; ++k) sum[k] += weight * (zf[2 * k] * zf[2 * k] + zf[2 * k + 1] * zf[2 * k + 1]);
}

}  // namespace pursuit::inline v0::kernels
