// SPDX-License-Identifier: MIT
#include <pursuit/check/gradient.hpp>
#include <pursuit/check/noise.hpp>
#include <pursuit/kernels/lrn_training.hpp>

#include <doctest/doctest.h>

#include <vector>

using namespace pursuit;

namespace {
using In = std::span<const double>;
using Out = std::span<double>;
}  // namespace

TEST_CASE("local response normalisation: the gradient agrees with central differences, and a wrong one is caught") {
  constexpr Shape<4> shape{2, 7, 2, 3};
  constexpr std::size_t n = 84;
  const auto x = check::noise(n, 3, -2, 2), upstream = check::noise(n, 4);
  const kernels::LrnOptions options{.size = 5, .alpha = 0.5F, .beta = 0.75F, .k = 1.0F};
  const auto value = [&](In at) {
    std::vector<double> y(n);
    kernels::lrn(TensorView<const double, 4>(at.data(), shape), options, TensorView<double, 4>(y.data(), shape));
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) sum += y[i] * upstream[i];
    return sum;
  };
  const auto gradient = [&](const kernels::LrnOptions& o) {
    return [&, o](In at, Out d) {
      kernels::lrn_backward<double>({at.data(), shape}, {upstream.data(), shape}, o, {d.data(), shape});
    };
  };
  const auto right = check::gradient(value, gradient(options), x);
  INFO(right);
  CHECK(right.worst < 1e-7);
  auto narrow = options;
  narrow.size = 3;
  narrow.alpha *= 0.6F;  // the same share of each square, from fewer channels
  CHECK(check::gradient(value, gradient(narrow), x).worst > 1e-2);
}
