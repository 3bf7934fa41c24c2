// SPDX-License-Identifier: MIT
#include <pursuit/core/random.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/kernels/complex_fft.hpp>

#include <doctest/doctest.h>

#include <complex>
#include <numbers>
#include <vector>

using namespace pursuit;
using Complex = std::complex<float>;

namespace {

std::vector<std::complex<double>> by_definition(const Complex* x, Index h, Index w) {
  std::vector<std::complex<double>> out;
  for (Index p = 0; p < h; ++p)
    for (Index q = 0; q < w; ++q) {
      std::complex<double> sum = 0;
      for (Index i = 0; i < h; ++i)
        for (Index j = 0; j < w; ++j) {
          const double turn = double(p * i) / double(h) + double(q * j) / double(w);
          sum += std::complex<double>(x[i * w + j]) * std::polar(1.0, -2 * std::numbers::pi * turn);
        }
      out.push_back(sum);
    }
  return out;
}

}  // namespace

TEST_CASE("ComplexFft2 agrees with the definition, and its inverse undoes it") {
  for (const auto& side : std::vector<std::pair<Index, Index>>{{1, 1}, {1, 7}, {5, 1}, {8, 8}, {13, 10}, {25, 11}}) {
    const Index h = side.first, w = side.second;
    CAPTURE(h);
    CAPTURE(w);
    const Index batch = 3;
    auto x = make_tensor<Complex, 3>({batch, h, w}), X = x, back = x;
    Random random(9);
    for (Complex& v : x) v = {static_cast<float>(random.normal()), static_cast<float>(random.normal())};
    const kernels::ComplexFft2<> fft(batch, h, w);
    fft.forward(x, X);
    for (Index b = 0; b < batch; ++b) {
      const auto expected = by_definition(x.data() + b * h * w, h, w);
      for (Index k = 0; k < h * w; ++k)  // float: rounding grows with the root of the number of terms
        CHECK(std::abs(std::complex<double>(X.data()[b * h * w + k]) - expected[std::size_t(k)]) <
              2e-6 * double(h * w));
    }
    fft.inverse(X, back);
    for (Index k = 0; k < batch * h * w; ++k) CHECK(std::abs(back.data()[k] - x.data()[k]) < 1e-5);
  }
}

TEST_CASE("ComplexFft2 refuses what does not fit") {
  auto x = make_tensor<Complex, 3>({1, 4, 4}), other = make_tensor<Complex, 3>({1, 4, 5});
  const kernels::ComplexFft2<> fft(1, 4, 4);
  CHECK_THROWS_AS(fft.forward(x, other), ShapeError);
  CHECK_THROWS_AS(fft.forward(x, x), Error);  // in place
  CHECK_THROWS_AS(kernels::ComplexFft2<>(0, 4, 4), ShapeError);
}
