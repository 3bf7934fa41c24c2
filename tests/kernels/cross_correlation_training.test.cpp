// SPDX-License-Identifier: MIT
#include <pursuit/check/gradient.hpp>
#include <pursuit/check/noise.hpp>
#include <pursuit/kernels/cross_correlation_training.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace pursuit;

namespace {

using In = std::span<const double>;
using Out = std::span<double>;

struct Case {
  Shape<4> z, x;
  Index padding;
};
const Case cases[] = {
    {{2, 3, 2, 3}, {2, 3, 5, 7}, 0},
    {{2, 2, 3, 3}, {2, 2, 4, 5}, 1},
    {{2, 1, 5, 5}, {2, 1, 4, 3}, 2},  // an exemplar larger than the map
};

std::size_t count(const auto& shape) { return static_cast<std::size_t>(volume(shape)); }

// The definition, cell by cell.
double plain(const Case& c, In z, In x, Index n, Index i, Index j) {
  const TensorView<const double, 4> zv(z.data(), c.z), xv(x.data(), c.x);
  double sum = 0;
  for (Index k = 0; k < c.z[1]; ++k)
    for (Index u = 0; u < c.z[2]; ++u)
      for (Index v = 0; v < c.z[3]; ++v) {
        const Index r = i + u - c.padding, s = j + v - c.padding;
        if (r >= 0 && r < c.x[2] && s >= 0 && s < c.x[3]) sum += zv(n, k, u, v) * xv(n, k, r, s);
      }
  return sum;
}

}  // namespace

TEST_CASE_TEMPLATE("cross-correlation of a batch: agrees with its definition", T, float, double) {
  for (const Case& c : cases) {
    CAPTURE(concat(c.z));
    const auto zd = check::noise(count(c.z), 1), xd = check::noise(count(c.x), 2);
    const std::vector<T> z(zd.begin(), zd.end()), x(xd.begin(), xd.end());
    const Shape<3> shape = kernels::cross_correlation_shape(c.z, c.x, c.padding);
    std::vector<T> y(count(shape), T(7));
    const TensorView<T, 3> view(y.data(), shape);
    kernels::cross_correlation<T>({z.data(), c.z}, {x.data(), c.x}, c.padding, view);
    for (Index n = 0; n < shape[0]; ++n)
      for (Index i = 0; i < shape[1]; ++i)
        for (Index j = 0; j < shape[2]; ++j)
          CHECK(std::abs(static_cast<double>(view(n, i, j)) - plain(c, zd, xd, n, i, j)) <
                (sizeof(T) == 4 ? 1e-5 : 1e-14));  // up to 25 products below 1
  }
}

TEST_CASE("cross-correlation of a batch: gradients agree with central differences, and a wrong one is caught") {
  for (const Case& c : cases) {
    CAPTURE(concat(c.z));
    const auto z = check::noise(count(c.z), 1), x = check::noise(count(c.x), 2);
    const Shape<3> shape = kernels::cross_correlation_shape(c.z, c.x, c.padding);
    const auto upstream = check::noise(count(shape), 3);
    const auto value = [&](In a, In b) {
      double sum = 0;
      std::vector<double> y(count(shape));
      kernels::cross_correlation<double>({a.data(), c.z}, {b.data(), c.x}, c.padding, {y.data(), shape});
      for (std::size_t k = 0; k < y.size(); ++k) sum += y[k] * upstream[k];
      return sum;
    };
    const auto backward = [&](double slip) {
      return [&, slip](In a, In b, Out da, Out db) {
        auto dy = upstream;
        dy[0] *= slip;
        kernels::cross_correlation_backward<double>({a.data(), c.z}, {b.data(), c.x}, c.padding, {dy.data(), shape},
                                                    {da.data(), c.z}, {db.data(), c.x});
      };
    };
    const check::GradientOptions adds{.adds = true};
    const auto right = check::gradient(value, backward(1), adds, check::Input{"z", z}, check::Input{"x", x});
    INFO(right);
    CHECK(right.worst < 1e-7);
    CHECK(check::gradient(value, backward(1.1), adds, check::Input{"z", z}, check::Input{"x", x}).worst > 1e-2);
  }
}

TEST_CASE("cross-correlation of a batch: shapes that do not fit are named") {
  CHECK_THROWS_WITH_AS(kernels::cross_correlation_shape({1, 2, 6, 6}, {1, 2, 5, 22}, 0),
                       doctest::Contains("(1,2,6,6) does not fit search (1,2,5,22)"), ShapeError);
  CHECK_THROWS_AS(kernels::cross_correlation_shape({1, 2, 3, 3}, {2, 2, 5, 5}, 0), ShapeError);
}
