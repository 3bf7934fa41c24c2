// SPDX-License-Identifier: MIT
#include <pursuit/core/random.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/kernels/complex_fft.hpp>
#include <pursuit/kernels/reference/spectra.hpp>
#include <pursuit/kernels/spectra.hpp>

#include <doctest/doctest.h>

#include <complex>
#include <vector>

using namespace pursuit;
using Complex = std::complex<float>;

namespace {

std::vector<Complex> noise(Index n, std::uint64_t seed) {
  std::vector<Complex> out(static_cast<std::size_t>(n));
  Random random(seed);
  for (Complex& c : out) c = {static_cast<float>(random.normal()), static_cast<float>(random.normal())};
  return out;
}

double worst(const std::vector<Complex>& a, const std::vector<Complex>& b) {
  double most = 0;
  for (std::size_t k = 0; k < a.size(); ++k) most = std::max(most, static_cast<double>(std::abs(a[k] - b[k])));
  return most;
}

}  // namespace

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

TEST_CASE("the arithmetic of spectra agrees with the reference over odd lengths") {
  // A handful of products of numbers around 1 in float.
  constexpr double rounding = 1e-5;
  for (const Index n : {1, 3, 8, 255, 257, 600}) {
    CAPTURE(n);
    const Index channels = 3;
    const auto w = noise(channels * n, 1), x = noise(channels * n, 2), y = noise(n, 3);
    auto mine = noise(n, 4), theirs = mine;
    kernels::conjugate_products(w.data(), x.data(), channels, n, mine.data());
    kernels::reference::conjugate_products(w.data(), x.data(), channels, n, theirs.data());
    CHECK(worst(mine, theirs) < rounding);
    kernels::multiply(y.data(), n, mine.data());
    kernels::reference::multiply(y.data(), n, theirs.data());
    CHECK(worst(mine, theirs) < 2 * rounding);
    for (const float keep : {0.0F, 0.75F}) {
      mine = theirs = noise(n, 5);
      kernels::blend_label_products(w.data(), y.data(), n, keep, 0.25F, mine.data());
      kernels::reference::blend_label_products(w.data(), y.data(), n, keep, 0.25F, theirs.data());
      CHECK(worst(mine, theirs) < rounding);
    }
    std::vector<float> a(static_cast<std::size_t>(n), 0.5F), b = a, window = a;
    for (std::size_t k = 0; k < a.size(); ++k) window[k] = y[k].real();
    kernels::add_energy(x.data(), n, 0.3F, a.data());
    kernels::reference::add_energy(x.data(), n, 0.3F, b.data());
    for (std::size_t k = 0; k < a.size(); ++k) CHECK(a[k] == doctest::Approx(b[k]).epsilon(1e-6));
    for (const float* im : {static_cast<const float*>(nullptr), static_cast<const float*>(b.data())}) {
      kernels::pack_windowed(a.data(), im, window.data(), n, mine.data());
      kernels::reference::pack_windowed<float>(a.data(), im, window.data(), n, theirs.data());
      CHECK(worst(mine, theirs) == 0);
    }
  }
}

TEST_CASE("symmetrise agrees with the reference on odd and even sides") {
  for (const auto& [h, w] : std::vector<std::pair<Index, Index>>{{1, 1}, {1, 6}, {5, 1}, {4, 4}, {5, 7}, {6, 9}}) {
    std::vector<float> a(static_cast<std::size_t>(h * w)), b;
    Random random(6);
    for (float& v : a) v = static_cast<float>(random.uniform());
    b = a;
    kernels::symmetrise(a.data(), h, w);
    kernels::reference::symmetrise(b.data(), h, w);
    CHECK(a == b);
  }
}
