// SPDX-License-Identifier: MIT
#include <pursuit/core/random.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/kernels/fft.hpp>
#include <pursuit/kernels/reference/fft.hpp>

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstring>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

using namespace pursuit;

namespace {

template <class T>
Tensor<T, 3> noise(const Shape<3>& shape, std::uint64_t seed) {
  Random random(seed);
  auto x = make_tensor<T, 3>(shape);
  for (T& v : x) v = static_cast<T>(random.uniform(-1, 1));
  return x;
}

template <class T>
Tensor<std::complex<T>, 3> spectrum_of(const TensorView<const T, 3>& x) {
  const auto [b, h, w] = x.shape;
  auto X = make_tensor<std::complex<T>, 3>({b, h, w / 2 + 1});
  kernels::Fft2<T>(b, h, w).forward(x, X);
  return X;
}

// Sizes of one cell, primes, odd and even, not square.
const std::vector<Shape<3>> sizes{{1, 1, 1},   {2, 1, 7}, {3, 5, 1},  {2, 2, 2},
                                  {1, 13, 11}, {3, 8, 6}, {2, 9, 16}, {1, 17, 4}};

}  // namespace

TEST_CASE_TEMPLATE("Fft2: agrees with the plain sums, and the inverse undoes it", T, float, double) {
  const double epsilon = std::is_same_v<T, float> ? 1e-6 : 1e-14;
  for (const auto& shape : sizes) {
    INFO(shape[0], " x ", shape[1], " x ", shape[2]);
    const auto x = noise<T>(shape, 1);
    auto X = spectrum_of<T>(x);
    auto exact_x = make_tensor<double, 3>(shape);
    std::copy(x.begin(), x.end(), exact_x.begin());
    auto exact = make_tensor<std::complex<double>, 3>({shape[0], shape[1], shape[2] / 2 + 1});
    kernels::reference::forward<double>(exact_x, exact);
    double worst = 0;
    for (std::size_t k = 0; k < X.size(); ++k)
      worst = std::max(worst, std::abs(std::complex<double>(X.data()[k]) - exact.data()[k]));
    CHECK(worst < epsilon * static_cast<double>(shape[1] * shape[2]));

    auto back = make_tensor<double, 3>(shape);
    kernels::reference::inverse<double>(exact, back);
    auto y = make_tensor<T, 3>(shape);
    kernels::Fft2<T>(shape[0], shape[1], shape[2]).inverse(X, y);
    for (std::size_t k = 0; k < y.size(); ++k) {
      CHECK(y.data()[k] == doctest::Approx(static_cast<double>(x.data()[k])).epsilon(10 * epsilon));
      CHECK(back.data()[k] == doctest::Approx(static_cast<double>(x.data()[k])).epsilon(1e-12));
    }
  }
}

TEST_CASE("Fft2: energy is kept (Parseval)") {
  for (const auto& [b, h, w] : {Shape<3>{1, 25, 31}, {2, 30, 32}}) {
    const auto x = noise<double>({b, h, w}, 2);
    const auto X = spectrum_of<double>(x);
    double in_space = 0, in_frequency = 0;
    for (const double v : x) in_space += v * v;
    for (Index n = 0; n < b; ++n)
      for (Index p = 0; p < h; ++p)
        for (Index q = 0; q < w / 2 + 1; ++q) {
          const bool alone = q == 0 || 2 * q == w;  // its own mirror image
          in_frequency += (alone ? 1 : 2) * std::norm(X(n, p, q));
        }
    CHECK(in_frequency / static_cast<double>(h * w) == doctest::Approx(in_space).epsilon(1e-12));
  }
}

TEST_CASE("Fft2: a shift in space is a phase in frequency") {
  const Index h = 6, w = 10;
  const auto x = noise<double>({1, h, w}, 3);
  auto moved = make_tensor<double, 3>({1, h, w});
  for (Index i = 0; i < h; ++i)
    for (Index j = 0; j < w; ++j) moved(0, (i + 2) % h, (j + 3) % w) = x(0, i, j);
  const auto X = spectrum_of<double>(x), Y = spectrum_of<double>(moved);
  for (Index p = 0; p < h; ++p)
    for (Index q = 0; q < w / 2 + 1; ++q) {
      const double angle = -6.283185307179586 * (2.0 * static_cast<double>(p) / 6 + 3.0 * static_cast<double>(q) / 10);
      CHECK(std::abs(Y(0, p, q) - X(0, p, q) * std::polar(1.0, angle)) < 1e-13);
    }
}

TEST_CASE("Fft2: memory anywhere, input untouched, the same bits again") {
  const Index b = 3, h = 10, w = 9, half = w / 2 + 1;
  const auto x = noise<float>({b, h, w}, 4);
  const auto X = spectrum_of<float>(x);
  const auto again = spectrum_of<float>(x);
  CHECK(std::memcmp(X.data(), again.data(), X.size() * sizeof(X.data()[0])) == 0);
  std::vector<float> skewed(static_cast<std::size_t>(b * h * w + 1));
  std::copy(x.begin(), x.end(), skewed.begin() + 1);
  auto Y = make_tensor<std::complex<float>, 3>({b, h, half});
  const kernels::Fft2<float> fft(b, h, w);
  fft.forward(TensorView<const float, 3>(skewed.data() + 1, {b, h, w}), Y);
  CHECK(std::equal(x.begin(), x.end(), skewed.begin() + 1));
  // Another plan, so other rounding: values reach about 20.
  for (std::size_t k = 0; k < X.size(); ++k) CHECK(std::abs(X.data()[k] - Y.data()[k]) < 2e-5);
  fft.inverse(Y, TensorView<float, 3>(skewed.data() + 1, {b, h, w}));
  for (std::size_t k = 0; k < x.size(); ++k) CHECK(skewed[k + 1] == doctest::Approx(x.data()[k]).epsilon(1e-5));
}

TEST_CASE("Fft2: many threads, many sizes, more than the cache keeps") {
  std::vector<int> failures(3);
  const auto work = [&](std::size_t thread) {
    for (Index n = 1; n <= 150; ++n) {
      const kernels::Fft2<float> fft(1, 1 + static_cast<Index>(thread % 2), n);
      auto x = make_tensor<float, 3>({1, 1 + static_cast<Index>(thread % 2), n}, 1.0F), y = x;
      auto X = make_tensor<std::complex<float>, 3>({1, 1 + static_cast<Index>(thread % 2), n / 2 + 1});
      fft.forward(x, X);
      fft.inverse(X, y);
      for (const float v : y) failures[thread] += std::abs(v - 1) > 1e-5F;
    }
  };
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < failures.size(); ++t) threads.emplace_back(work, t);
  for (auto& t : threads) t.join();
  CHECK(failures == std::vector<int>{0, 0, 0});
}

TEST_CASE("Fft2: shapes that do not fit say so") {
  CHECK_THROWS_AS(kernels::Fft2<float>(0, 4, 4), ShapeError);
  CHECK_THROWS_AS(kernels::Fft2<float>(1, 1 << 20, 1 << 20), ShapeError);
  auto x = make_tensor<float, 3>({1, 4, 4});
  auto X = make_tensor<std::complex<float>, 3>({1, 4, 4});
  CHECK_THROWS_AS(kernels::Fft2<float>(1, 4, 4).forward(x, X), ShapeError);
  CHECK_THROWS_AS(kernels::Fft2<float>(1, 4, 4).inverse(X, x), ShapeError);
}

TEST_CASE("good_size: the next number without a prime factor above 7") {
  const std::vector<std::pair<Index, Index>> known{{0, 1},   {1, 1},     {11, 12},   {31, 32},
                                                   {37, 40}, {121, 125}, {127, 128}, {211, 216}};
  for (const auto& [n, size] : known) CHECK(kernels::good_size(n) == size);
}
