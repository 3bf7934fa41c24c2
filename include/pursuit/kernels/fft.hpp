// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/device.hpp>
#include <pursuit/core/tensor_view.hpp>
#include <pursuit/kernels/cpu/fft.hpp>

namespace pursuit::inline v0::kernels {

/// Maps (element, device) to the class that transforms there. A device specialises it.
template <class T, class D>
struct Fft2On;

template <class T>
struct Fft2On<T, Cpu> {
  using type = cpu::Fft2<T>;
};

/// Two-dimensional Fourier transforms of a batch of real maps, T float or double.
///
///     X[b,p,q] = sum_i,j x[b,i,j] e^(-2 pi i (p i / h + q j / w)),   q = 0 .. w/2: the other half is its conjugate
///
///     Fft2(batch, h, w)          plans are made once in a process, at the first use of a size
///     forward(x, X) const        x (batch, h, w) -> X (batch, h, w/2+1), not scaled
///     inverse(X, x) const        scaled by 1 / (h w), so that it undoes forward(); X is destroyed
///
/// Copies share their plans, and one object may be used by several threads at once. Equal input gives equal bits in
/// every run of the program. Throws ShapeError where shapes do not fit or a side is empty.
template <class T, class D = Cpu>
using Fft2 = typename Fft2On<T, D>::type;

/// The smallest m >= n, n >= 1, with no prime factor above 7: sizes that transform quickly.
inline Index good_size(Index n) {
  for (Index m = n < 1 ? 1 : n;; ++m) {
    Index rest = m;
    for (const Index p : {2, 3, 5, 7})
      while (rest % p == 0) rest /= p;
    if (rest == 1) return m;
  }
}

}  // namespace pursuit::inline v0::kernels
