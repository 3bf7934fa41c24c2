// SPDX-License-Identifier: MIT
#include <pursuit/core/random.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/kernels/complex_fft.hpp>
#include <pursuit/kernels/spectra.hpp>

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
  for (const auto& [h, w] : std::vector<std::pair<Index, Index>>{{1, 1}, {1, 7}, {5, 1}, {8, 8}, {13, 10}, {25, 11}}) {
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

TEST_CASE("the energy of a packed pair becomes that of its parts") {
  const Index h = 5, w = 6;
  auto pair = make_tensor<Complex, 3>({1, h, w}), first = pair, second = pair, P = pair, A = pair, B = pair;
  Random random(3);
  for (Index k = 0; k < h * w; ++k) {
    first.data()[k] = static_cast<float>(random.normal());
    second.data()[k] = static_cast<float>(random.normal());
    pair.data()[k] = first.data()[k] + Complex(0, 1) * second.data()[k];
  }
  const kernels::ComplexFft2<> fft(1, h, w);
  fft.forward(pair, P);
  fft.forward(first, A);
  fft.forward(second, B);
  std::vector<float> energy(std::size_t(h * w), 0.0F);
  kernels::add_energy(P.data(), h * w, 1.0F, energy.data());
  kernels::symmetrise(energy.data(), h, w);
  for (Index k = 0; k < h * w; ++k)
    CHECK(energy[std::size_t(k)] == doctest::Approx(std::norm(A.data()[k]) + std::norm(B.data()[k])).epsilon(1e-4));
}

TEST_CASE("products of spectra agree with std::complex over odd lengths") {
  for (const Index n : {1, 3, 8, 255, 257, 600}) {
    const Index channels = 3;
    std::vector<Complex> w(std::size_t(channels * n)), x(w.size()), out(static_cast<std::size_t>(n)), y(out.size());
    Random random(4);
    for (auto* v : {&w, &x, &y})
      for (Complex& c : *v) c = {static_cast<float>(random.normal()), static_cast<float>(random.normal())};
    kernels::conjugate_products(w.data(), x.data(), channels, n, out.data());
    for (std::size_t k = 0; k < out.size(); ++k) {
      Complex sum = 0;
      for (std::size_t c = 0; c < 3; ++c) sum += std::conj(w[c * out.size() + k]) * x[c * out.size() + k];
      CHECK(std::abs(out[k] - sum) < 1e-5);
    }
    auto blended = x;
    kernels::blend_label_products(w.data(), y.data(), n, 0.75F, 0.25F, blended.data());
    auto product = out;
    kernels::multiply(y.data(), n, product.data());
    for (std::size_t k = 0; k < out.size(); ++k) {
      CHECK(std::abs(blended[k] - (0.75F * x[k] + 0.25F * w[k] * std::conj(y[k]))) < 1e-5);
      CHECK(std::abs(product[k] - out[k] * y[k]) < 1e-5);
    }
  }
}
