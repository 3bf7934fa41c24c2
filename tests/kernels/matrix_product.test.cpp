// SPDX-License-Identifier: MIT
#include <pursuit/check/noise.hpp>
#include <pursuit/kernels/matrix_product.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace pursuit;

TEST_CASE("matrix product: float agrees with the plain loops in double, transposed and added or not") {
  constexpr Index m = 5, n = 19, k = 33;
  const auto ad = check::noise(m * k, 1), bd = check::noise(k * n, 2), cd = check::noise(m * n, 3);
  const std::vector<float> a(ad.begin(), ad.end()), b(bd.begin(), bd.end());
  for (int mask = 0; mask < 8; ++mask) {
    const kernels::ProductOptions o{(mask & 1) != 0, (mask & 2) != 0, (mask & 4) != 0};
    const Shape<2> left = o.transpose_a ? Shape<2>{k, m} : Shape<2>{m, k};
    const Shape<2> right = o.transpose_b ? Shape<2>{n, k} : Shape<2>{k, n};
    std::vector<float> c(cd.begin(), cd.end());
    std::vector<double> expected(cd);
    kernels::matrix_product(TensorView<const float, 2>(a.data(), left), TensorView<const float, 2>(b.data(), right),
                            TensorView<float, 2>(c.data(), {m, n}), o);
    kernels::matrix_product(TensorView<const double, 2>(ad.data(), left), TensorView<const double, 2>(bd.data(), right),
                            TensorView<double, 2>(expected.data(), {m, n}), o);
    CAPTURE(mask);
    // Sums of 33 products below 1; inputs rounded to float.
    for (std::size_t i = 0; i < c.size(); ++i) CHECK(std::abs(static_cast<double>(c[i]) - expected[i]) < 1e-5);
  }
}

TEST_CASE("matrix product: (a b)^T = b^T a^T, and shapes that do not fit are named") {
  const std::vector<double> a{1, 2, 3, 4, 5, 6}, b{1, 0, 2, -1, 3, 1};
  std::vector<double> c(4);
  kernels::matrix_product(TensorView<const double, 2>(a.data(), {2, 3}), TensorView<const double, 2>(b.data(), {3, 2}),
                          TensorView<double, 2>(c.data(), {2, 2}));
  CHECK(c == std::vector<double>{14, 1, 32, 1});
  kernels::matrix_product(TensorView<const double, 2>(b.data(), {3, 2}), TensorView<const double, 2>(a.data(), {2, 3}),
                          TensorView<double, 2>(c.data(), {2, 2}), {.transpose_a = true, .transpose_b = true});
  CHECK(c == std::vector<double>{14, 32, 1, 1});
  CHECK_THROWS_WITH_AS(
      kernels::matrix_product(TensorView<const double, 2>(a.data(), {2, 3}),
                              TensorView<const double, 2>(b.data(), {2, 3}), TensorView<double, 2>(c.data(), {2, 2})),
      doctest::Contains("(2,3) times (2,3) into (2,2)"), ShapeError);
}
