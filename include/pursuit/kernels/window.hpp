// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/box.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/core/tensor_view.hpp>

#include <algorithm>
#include <cmath>

namespace pursuit::inline v0::kernels {

namespace detail {

/// 0.5 (1 - cos(2 pi i / (n - 1))); 1 where n is 1. The two halves are equal to the last bit.
inline double hann_at(Index i, Index n) {
  if (n < 2) return 1;
  const double two_pi = 6.283185307179586;
  return 0.5 * (1 - std::cos(two_pi * static_cast<double>(std::min(i, n - 1 - i)) / static_cast<double>(n - 1)));
}

/// The distance from 0 to `i` on a ring of n cells, in [-n/2, n/2).
inline double wrapped_distance(double i, Index n) {
  const auto size = static_cast<double>(n);
  return i - size * std::floor(i / size + 0.5);
}

}  // namespace detail

/// The Hann window w[i,j] = hann(i) hann(j), hann(i) = 0.5 (1 - cos(2 pi i / (n - 1))): zero on the rim, 1 in the
/// middle. An axis of one cell counts as 1.
///
/// Shapes  w (H, W).
inline void hann(const TensorView<float, 2>& w) {
  const Index height = w.shape[0], width = w.shape[1];
  for (Index i = 0; i < height; ++i) {
    const double row = detail::hann_at(i, height);
    for (Index j = 0; j < width; ++j) w(i, j) = static_cast<float>(row * detail::hann_at(j, width));
  }
}

/// The response that a correlation filter learns: a Gaussian of height 1 around the cell `shift`, wrapped around.
///
///     y[i,j] = exp(-(di^2 / sigma_y^2 + dj^2 / sigma_x^2) / 2),   di, dj the distances to `shift` on the ring
///
/// Shapes  y (H, W).   Units  sigma and shift in cells; with no shift the peak is at cell (0, 0).
/// Throws Error unless both sigma are positive.
inline void gaussian_label(const TensorView<float, 2>& y, double sigma_y, double sigma_x, Point shift = {}) {
  if (!(sigma_y > 0) || !(sigma_x > 0))
    throw Error(concat("gaussian_label: sigma is ", sigma_y, " x ", sigma_x, " cells: need more than 0"));
  const Index height = y.shape[0], width = y.shape[1];
  for (Index i = 0; i < height; ++i) {
    const double di = detail::wrapped_distance(static_cast<double>(i) - shift.y, height) / sigma_y;
    for (Index j = 0; j < width; ++j) {
      const double dj = detail::wrapped_distance(static_cast<double>(j) - shift.x, width) / sigma_x;
      y(i, j) = static_cast<float>(std::exp(-0.5 * (di * di + dj * dj)));
    }
  }
}

/// A Gaussian of height 1 around a place between or on cells, which does not wrap around.
///
///     y[i,j] = exp(-((i - at.y)^2 / sigma.y^2 + (j - at.x)^2 / sigma.x^2) / 2)
///
/// Shapes  y (H, W).   Units  sigma and at in cells. Throws Error unless both sigma are positive.
template <class T>
void gaussian(const TensorView<T, 2>& y, Point sigma, Point at) {
  if (!(sigma.x > 0) || !(sigma.y > 0))
    throw Error(concat("gaussian: sigma is ", sigma.y, " x ", sigma.x, " cells: need more than 0"));
  for (Index i = 0; i < y.shape[0]; ++i) {
    const double di = (static_cast<double>(i) - at.y) / sigma.y;
    for (Index j = 0; j < y.shape[1]; ++j) {
      const double dj = (static_cast<double>(j) - at.x) / sigma.x;
      y(i, j) = static_cast<T>(std::exp(-0.5 * (di * di + dj * dj)));
    }
  }
}

}  // namespace pursuit::inline v0::kernels
