// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/tensor_view.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace pursuit::inline v0::kernels::reference {

/// The plain form of kernels::hog.
template <class T>
void hog(const TensorView<const T, 3>& patch, int cell, const TensorView<T, 3>& out) {
  const Index channels = patch.shape[0], h = patch.shape[1], w = patch.shape[2];
  const Index rows = h / cell, cols = w / cell;

  // Twice the derivative: a central difference, at the rim twice the one-sided one.
  const auto derivative = [](auto value, Index i, Index n) {
    if (n < 2) return T(0);
    if (i == 0) return 2 * (value(1) - value(0));
    if (i == n - 1) return 2 * (value(n - 1) - value(n - 2));
    return value(i + 1) - value(i - 1);
  };
  // How much of a pixel's vote the nearest cells get, and what a cell would get from an image of ones.
  const auto share = [&](Index i, Index c) {
    return std::max(T(0), 1 - std::abs((T(i) + T(0.5)) / T(cell) - T(0.5) - T(c)));
  };
  const auto full_share = [&](Index c, Index n) {
    T inside = 0, all = 0;
    for (Index i = (c - 1) * cell; i < (c + 2) * cell; ++i) {
      all += share(i, c);
      if (i >= 0 && i < n * cell) inside += share(i, c);
    }
    return inside / all;
  };

  std::vector<T> histogram(static_cast<std::size_t>(18 * rows * cols));
  const auto bin = [&](Index o, Index r, Index c) -> T& {
    return histogram[static_cast<std::size_t>((o * rows + r) * cols + c)];
  };
  for (Index y = 0; y < rows * cell; ++y)
    for (Index x = 0; x < cols * cell; ++x) {
      T dx = 0, dy = 0, strongest = -1;
      for (Index k = 0; k < channels; ++k) {
        const T gx = derivative([&](Index j) { return patch(k, y, j); }, x, w);
        const T gy = derivative([&](Index i) { return patch(k, i, x); }, y, h);
        if (gx * gx + gy * gy > strongest) dx = gx, dy = gy, strongest = gx * gx + gy * gy;
      }
      // The nearest of 18 directions, 20 degrees apart; the first of two that are equally near, opposite gradients
      // alike.
      const bool lower = dy < 0;
      const T a = lower ? -dx : dx, b = lower ? -dy : dy;
      Index nearest = 0;
      T best = a;
      for (Index o = 1; o <= 9; ++o) {
        const double angle = static_cast<double>(o) * 3.141592653589793 / 9;
        const T along = a * static_cast<T>(std::cos(angle)) + b * static_cast<T>(std::sin(angle));
        if (along > best * (1 + T(1e-6))) nearest = o, best = along;
      }
      const Index o = (nearest + (lower ? 9 : 0)) % 18;
      for (Index r = std::max<Index>(y / cell - 1, 0); r <= std::min(y / cell + 1, rows - 1); ++r)
        for (Index c = std::max<Index>(x / cell - 1, 0); c <= std::min(x / cell + 1, cols - 1); ++c)
          bin(o, r, c) +=
              std::sqrt(strongest) * share(y, r) * share(x, c) / (full_share(r, rows) * full_share(c, cols));
    }

  const auto energy = [&](Index r, Index c) {
    T sum = 0;
    for (Index o = 0; o < 9; ++o) sum += (bin(o, r, c) + bin(o + 9, r, c)) * (bin(o, r, c) + bin(o + 9, r, c));
    return sum;
  };
  // One over the length of the 2 x 2 cells around a corner; the rim uses the nearest corner that has four cells.
  const auto inverse_norm = [&](Index r, Index c) {
    r = std::clamp<Index>(r, 1, std::max<Index>(rows - 1, 1));
    c = std::clamp<Index>(c, 1, std::max<Index>(cols - 1, 1));
    const Index r1 = std::min(r, rows - 1), c1 = std::min(c, cols - 1);
    return 1 / std::sqrt(energy(r - 1, c - 1) + energy(r - 1, c1) + energy(r1, c - 1) + energy(r1, c1) + T(1e-4));
  };
  for (Index r = 0; r < rows; ++r)
    for (Index c = 0; c < cols; ++c) {
      const std::array<T, 4> norms{inverse_norm(r, c), inverse_norm(r, c + 1), inverse_norm(r + 1, c),
                                   inverse_norm(r + 1, c + 1)};
      std::array<T, 4> texture{};
      for (Index o = 0; o < 18; ++o) {
        T sum = 0;
        for (std::size_t k = 0; k < 4; ++k) {
          const T v = std::min(bin(o, r, c) * norms[k], T(0.2));
          sum += v;
          texture[k] += v;
        }
        out(o, r, c) = sum / 2;
      }
      for (Index o = 0; o < 9; ++o) {
        T sum = 0;
        for (const T norm : norms) sum += std::min((bin(o, r, c) + bin(o + 9, r, c)) * norm, T(0.2));
        out(18 + o, r, c) = sum / 2;
      }
      for (Index k = 0; k < 4; ++k) out(27 + k, r, c) = texture[static_cast<std::size_t>(k)] * T(0.2357);
    }
}

}  // namespace pursuit::inline v0::kernels::reference
