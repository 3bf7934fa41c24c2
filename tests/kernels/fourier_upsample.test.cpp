// SPDX-License-Identifier: MIT
#include "random_tensor.hpp"

#include <pursuit/kernels/fourier_upsample.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <complex>

using namespace pursuit;

namespace {

using Options = kernels::FourierUpsample::Options;

Tensor<float, 2> upsampled(const Tensor<float, 2>& x, Index height, Index width, const Options& options) {
  auto y = make_tensor<float, 2>({height, width}, 9);
  const TensorView<const float, 2> view(x);
  kernels::FourierUpsample upsample(view.shape, {height, width}, options);
  upsample.run(view, y);
  return y;
}

/// The double sum over frequencies, as it is written.
double series(const Tensor<float, 2>& x, Index u, Index v, Index height, Index width, const Options& o) {
  using Complex = std::complex<double>;
  const auto h = static_cast<Index>(x.shape()[0]), w = static_cast<Index>(x.shape()[1]);
  const auto turn = [](double turns) { return std::polar(1.0, 6.283185307179586 * turns); };
  const auto share = [](Index a, Index n) { return static_cast<double>(a) / static_cast<double>(n); };
  Complex sum = 0;
  for (Index k = -(h / 2); k <= h / 2; ++k)
    for (Index l = -(w / 2); l <= w / 2; ++l) {
      Complex s = 0;
      for (Index i = 0; i < h; ++i)
        for (Index j = 0; j < w; ++j)
          s += static_cast<double>(x(static_cast<std::size_t>(i), static_cast<std::size_t>(j))) *
               turn(-share(k * i, h) - share(l * j, w));
      double weight = 1 / static_cast<double>(h * w);
      if (o.halved && 2 * std::abs(k) == h) weight /= 2;
      if (o.halved && 2 * std::abs(l) == w) weight /= 2;
      sum += weight * s *
             turn(static_cast<double>(k) * (share(u, height) + o.row / static_cast<double>(h)) +
                  static_cast<double>(l) * (share(v, width) + o.column / static_cast<double>(w)));
    }
  CHECK(std::abs(sum.imag()) < 1e-9);
  return sum.real();
}

}  // namespace

TEST_CASE("FourierUpsample sums the series that it says") {
  for (const Options& o : {Options{}, Options{.row = 3, .column = 2.5}, Options{.row = 1, .halved = true}})
    for (const auto& [h, w] : {std::array<Index, 2>{6, 5}, {4, 7}, {1, 2}}) {
      const auto x = random_tensor<2>({h, w}, 3);
      const auto y = upsampled(x, 11, 8, o);
      for (Index u = 0; u < 11; ++u)
        for (Index v = 0; v < 8; ++v)
          CHECK(std::abs(static_cast<double>(y(static_cast<std::size_t>(u), static_cast<std::size_t>(v))) -
                         series(x, u, v, 11, 8, o)) < 1e-5);  // float
    }
}

TEST_CASE("FourierUpsample brings the named cell to the corner and keeps the cells that it passes through") {
  // Odd sizes and halved even ones interpolate.
  for (const Index n : {5, 6}) {
    const auto x = random_tensor<2>({n, n}, 4);
    const auto y = upsampled(x, 3 * n, 2 * n, {.row = 2, .column = 1, .halved = true});
    for (Index i = 0; i < n; ++i)
      for (Index j = 0; j < n; ++j)
        CHECK(y(static_cast<std::size_t>(3 * i), static_cast<std::size_t>(2 * j)) ==
              doctest::Approx(
                  static_cast<double>(x(static_cast<std::size_t>((i + 2) % n), static_cast<std::size_t>((j + 1) % n))))
                  .epsilon(1e-5));
  }
}

TEST_CASE("FourierUpsample: the window is highest at the corner and falls on both sides of it") {
  auto x = make_tensor<float, 2>({3, 3}, 1);
  const auto y = upsampled(x, 6, 7, {.window = true});
  const auto hann = [](int k, int n) { return 0.5 * (1 + std::cos(6.283185307179586 * k / (n + 2))); };
  for (int u = 0; u < 6; ++u)
    for (int v = 0; v < 7; ++v)
      CHECK(y(static_cast<std::size_t>(u), static_cast<std::size_t>(v)) ==
            doctest::Approx(hann(std::min(u, 6 - u), 6) * hann(std::min(v, 7 - v), 7)).epsilon(1e-5));
}

TEST_CASE("FourierUpsample refuses to make maps smaller, and other maps than it was made for") {
  CHECK_THROWS_AS(kernels::FourierUpsample({4, 4}, {8, 3}, {}), ShapeError);
  CHECK_THROWS_AS(kernels::FourierUpsample({0, 4}, {8, 8}, {}), ShapeError);
  kernels::FourierUpsample upsample({4, 4}, {8, 8}, {});
  const auto x = random_tensor<2>({4, 5}, 1);
  auto y = make_tensor<float, 2>({8, 8});
  CHECK_THROWS_AS(upsample.run(x, y), ShapeError);
}
