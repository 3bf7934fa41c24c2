// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/device.hpp>
#include <pursuit/kernels/cpu/complex_fft.hpp>

namespace pursuit::inline v0::kernels {

/// Maps a device to the class that transforms there. A device specialises it.
template <class D>
struct ComplexFft2On;

template <>
struct ComplexFft2On<Cpu> {
  using type = cpu::ComplexFft2;
};

/// Two-dimensional Fourier transforms of a batch of complex maps, in float.
///
///     X[b,p,q] = sum_i,j x[b,i,j] e^(-2 pi i (p i / h + q j / w))
///
///     ComplexFft2(batch, h, w)   plans are made once in a process, at the first use of a size
///     forward(x, X) const        (batch, h, w) both, not in place, not scaled
///     inverse(X, x) const        scaled by 1 / (h w), so that it undoes forward()
///
/// Two real maps travel as the real and imaginary part of one, which FFTW does 1.5 to 5 times as fast as its real
/// transforms of the same maps. Copies share their plans. Equal input gives equal bits in every run of the program.
/// Throws ShapeError where shapes do not fit or a side is empty.
template <class D = Cpu>
using ComplexFft2 = typename ComplexFft2On<D>::type;

}  // namespace pursuit::inline v0::kernels
