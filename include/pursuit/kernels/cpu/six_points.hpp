// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/tensor_view.hpp>
#include <pursuit/kernels/cpu/lanes.hpp>

#include <concepts>

namespace pursuit::inline v0::kernels {

/// Minimal filtering along one axis with six interpolation points: m outputs of a kernel of k taps, m + k = 7, by six
/// multiplications:
///
///     y = A^T [(G w) . (B^T x)]        x (6), w (k), y (m)
///
/// Turned round, the six numbers that m inputs give when each meets all taps: B [(G w) . (A y)].
///
/// Ref     Winograd 1980, "Arithmetic Complexity of Computations"; Lavin and Gray 2016.
template <std::floating_point T>
struct SixPoints {
  using Lanes = typename LanesOf<T>::type;
  static constexpr int points = 6;
  // The points 0, a, -a, b, -b and infinity. Whole numbers (1 and 2) would save nothing and round five times worse.
  static constexpr T a = 0.75, b = 1.5, aa = a * a, bb = b * b;

  /// Entry (i, u) of G: powers of the point, divided by the product of its differences from the other points.
  static double tap(int i, Index u, Index kernel) {
    constexpr double c = aa, d = bb, at_a = 1.0 / (2 * c * (c - d)), at_b = 1.0 / (2 * d * (d - c));
    constexpr double point[] = {0, a, -a, b, -b}, share[] = {1.0 / (c * d), at_a, at_a, at_b, at_b};
    if (i == points - 1) return u == kernel - 1 ? 1 : 0;
    double power = share[i];
    for (Index k = 0; k < u; ++k) power *= point[i];
    return power;
  }

  /// B^T.
  static void forward(const Lanes (&d)[points], Lanes (&t)[points]) {
    const Lanes p = d[4] - bb * d[2], q = a * (d[3] - bb * d[1]), r = d[4] - aa * d[2], s = b * (d[3] - aa * d[1]);
    t[0] = aa * bb * d[0] - (aa + bb) * d[2] + d[4];
    t[1] = p + q;
    t[2] = p - q;
    t[3] = r + s;
    t[4] = r - s;
    t[5] = aa * bb * d[1] - (aa + bb) * d[3] + d[5];
  }

  /// B.
  static void spread(const Lanes (&t)[points], Lanes (&d)[points]) {
    const Lanes p = t[1] + t[2], q = a * (t[1] - t[2]), r = t[3] + t[4], s = b * (t[3] - t[4]);
    d[0] = aa * bb * t[0];
    d[1] = aa * bb * t[5] - (bb * q + aa * s);
    d[2] = -(aa + bb) * t[0] - (bb * p + aa * r);
    d[3] = (q + s) - (aa + bb) * t[5];
    d[4] = t[0] + (p + r);
    d[5] = t[5];
  }

  /// A^T, for two to four outputs.
  template <int Outputs>
  static void backward(const Lanes (&m)[points], Lanes (&y)[Outputs]) {
    static_assert(Outputs >= 2 && Outputs <= 4);
    const Lanes p = m[1] + m[2], q = m[1] - m[2], r = m[3] + m[4], s = m[3] - m[4];
    y[0] = m[0] + p + r;
    y[1] = a * q + b * s;
    if constexpr (Outputs > 2) y[2] = aa * p + bb * r;
    if constexpr (Outputs > 3) y[3] = a * aa * q + b * bb * s;
    y[Outputs - 1] += m[5];
  }

  /// A, for three outputs.
  static void adjoint(const Lanes (&y)[3], Lanes (&m)[points]) {
    const Lanes p = y[0] + aa * y[2], r = y[0] + bb * y[2];
    m[0] = y[0];
    m[1] = p + a * y[1];
    m[2] = p - a * y[1];
    m[3] = r + b * y[1];
    m[4] = r - b * y[1];
    m[5] = y[2];
  }
};

}  // namespace pursuit::inline v0::kernels
