// SPDX-License-Identifier: MIT
#include <pursuit/check/gradient.hpp>
#include <pursuit/check/noise.hpp>
#include <pursuit/kernels/batch_norm.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

using namespace pursuit;

namespace {

constexpr Shape<4> shape{3, 4, 5, 7};
constexpr std::size_t all = 3 * 4 * 5 * 7;
constexpr double epsilon = 1e-5;

template <class T>
using View = TensorView<T, 4>;
template <class T>
using Channels = TensorView<T, 1>;

/// Mean and 1 / deviation of a batch.
template <class T>
struct Known {
  explicit Known(const T* x) : mean(4), inverse(4) {
    kernels::batch_moments<T>(View<const T>(x, shape), {mean.data(), {4}}, {inverse.data(), {4}});
    variance = inverse;
    for (T& v : inverse) v = 1 / std::sqrt(v + static_cast<T>(epsilon));
  }
  kernels::BatchStatistics<T> view() { return {{mean.data(), {4}}, {inverse.data(), {4}}}; }
  std::vector<T> mean, inverse, variance;
};

using In = std::span<const double>;
using Out = std::span<double>;

double value(In x, In weight, In bias, In upstream) {
  Known<double> known(x.data());
  std::vector<double> y(all);
  kernels::batch_norm<double>({x.data(), shape}, known.view(), {weight.data(), {4}}, {bias.data(), {4}},
                              {y.data(), shape});
  double sum = 0;
  for (std::size_t i = 0; i < all; ++i) sum += y[i] * upstream[i];
  return sum;
}

}  // namespace

TEST_CASE_TEMPLATE("batch norm: each channel has the mean and variance that it is given", T, float, double) {
  const auto noise = check::noise(all, 3, 10, 12);  // far from zero: a sum of squares would lose digits
  const std::vector<T> x(noise.begin(), noise.end()), weight{T(1), T(2), T(-1), T(0.5)}, bias{T(0), T(1), T(2), T(3)};
  Known<T> known(x.data());
  std::vector<T> y(all, std::numeric_limits<T>::quiet_NaN());
  kernels::batch_norm<T>({x.data(), shape}, known.view(), {weight.data(), {4}}, {bias.data(), {4}}, {y.data(), shape});
  const double tolerance = 2000 * static_cast<double>(std::numeric_limits<T>::epsilon());  // x is 20 deviations off
  for (std::size_t c = 0; c < 4; ++c) {
    double sum = 0, squares = 0, plain = 0;
    for (std::size_t n = 0; n < 3; ++n)
      for (std::size_t i = 0; i < 35; ++i) {
        const double v = y[(n * 4 + c) * 35 + i];
        sum += v, squares += v * v, plain += x[(n * 4 + c) * 35 + i];
      }
    const double mean = sum / 105, variance = squares / 105 - mean * mean, w = weight[c];
    CHECK(mean == doctest::Approx(bias[c]).scale(1).epsilon(tolerance));
    CHECK(variance == doctest::Approx(w * w * known.variance[c] / (known.variance[c] + epsilon)).epsilon(tolerance));
    CHECK(known.mean[c] == doctest::Approx(plain / 105).epsilon(tolerance));
  }
}

TEST_CASE("batch norm: gradients agree with central differences, and a wrong one is caught") {
  const auto x = check::noise(all, 5, -1, 3), weight = check::noise(4, 6, 0.5, 2), bias = check::noise(4, 7),
             upstream = check::noise(all, 8);
  const auto loss = [&](In a, In w, In b) { return value(a, w, b, upstream); };
  const auto backward = [&](bool fixed) {
    return [&, fixed](In a, In w, In, Out da, Out dw, Out db) {
      Known<double> known(a.data());
      std::vector<double> dx(upstream);  // in place
      kernels::batch_norm_backward<double>({a.data(), shape}, {dx.data(), shape}, known.view(), {w.data(), {4}}, fixed,
                                           {dx.data(), shape}, {dw.data(), {4}}, {db.data(), {4}});
      for (std::size_t i = 0; i < all; ++i) da[i] += dx[i];
    };
  };
  const auto check = [&](bool fixed) {
    return check::gradient(loss, backward(fixed), {.adds = true, .entries = 40}, check::Input{"x", x},
                           check::Input{"weight", weight}, check::Input{"bias", bias});
  };
  const auto right = check(false);
  INFO(right);
  CHECK(right.worst < 1e-7);
  CHECK(check(true).worst > 1e-2);  // forgets that the statistics depend on x
}

TEST_CASE("batch norm: fixed statistics only scale the gradient, and float follows double") {
  const auto xd = check::noise(all, 5), dyd = check::noise(all, 6);
  const std::vector<float> x(xd.begin(), xd.end()), dy(dyd.begin(), dyd.end()), weight{1, 2, 3, 4};
  const std::vector<double> weight_d(weight.begin(), weight.end());
  Known<float> known(x.data());
  Known<double> known_d(xd.data());
  std::vector<float> dx(all), dw(4), db(4);
  std::vector<double> dx_d(all), dw_d(4), db_d(4);
  for (const bool fixed : {true, false}) {
    kernels::batch_norm_backward<float>({x.data(), shape}, {dy.data(), shape}, known.view(), {weight.data(), {4}},
                                        fixed, {dx.data(), shape}, {dw.data(), {4}}, {db.data(), {4}});
    kernels::batch_norm_backward<double>({xd.data(), shape}, {dyd.data(), shape}, known_d.view(),
                                         {weight_d.data(), {4}}, fixed, {dx_d.data(), shape}, {dw_d.data(), {4}},
                                         {db_d.data(), {4}});
    for (std::size_t i = 0; i < all; ++i) CHECK(std::abs(dx[i] - dx_d[i]) < 1e-5);  // sizes up to 8
    if (fixed)
      for (std::size_t i = 0; i < all; ++i)
        CHECK(dx_d[i] == doctest::Approx(weight_d[i / 35 % 4] * known_d.inverse[i / 35 % 4] * dyd[i]));
  }
  for (std::size_t c = 0; c < 4; ++c) {
    CHECK(dw[c] == doctest::Approx(dw_d[c]).epsilon(1e-5));
    CHECK(db[c] == doctest::Approx(db_d[c]).epsilon(1e-5));
  }
}
