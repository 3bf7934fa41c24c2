// SPDX-License-Identifier: MIT
#include <pursuit/check/gradient.hpp>
#include <pursuit/check/noise.hpp>
#include <pursuit/loss/correlation_filter.hpp>
#include <pursuit/loss/filter_response.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstddef>
#include <span>
#include <vector>

using namespace pursuit;

namespace {

constexpr Shape<4> shape{3, 4, 8, 7};
constexpr Shape<3> label_shape{3, 8, 7};
constexpr Index size = volume(shape);

struct Case {
  static std::vector<double> label(std::vector<Box> boxes) {
    std::vector<double> values(static_cast<std::size_t>(volume(label_shape)));
    loss::response_label<double>(boxes, 8, 0.15, {values.data(), label_shape});
    return values;
  }
  static constexpr Box a{8, 12, 20, 16}, b{20, 6, 16, 22}, c{14, 20, 10, 30};
  std::vector<double> x = check::noise(size, 22), z = check::noise(size, 23);
  std::vector<double> of_x = label({a, b, c}), of_z = label({c, b, a});
  loss::FilterResponse<double>::Cache cache{};

  using In = std::span<const double>;
  double value(const loss::FilterResponse<double>& loss, In first, In second) {
    return loss.value({first.data(), shape}, {second.data(), shape}, {of_x.data(), label_shape},
                      {of_z.data(), label_shape}, cache);
  }
  auto check(const loss::FilterResponse<double>& loss, double slip) {
    using Out = std::span<double>;
    return check::gradient([&](In first, In second) { return value(loss, first, second); },
                           [&](In first, In second, Out d_first, Out d_second) {
                             value(loss, first, second);
                             cache.responses[0][0] += slip;
                             loss.gradient(cache, {d_first.data(), shape}, {d_second.data(), shape});
                           },
                           {.entries = 40}, check::Input{"first", x}, check::Input{"second", z});
  }
};

/// The same by plain discrete Fourier sums, frequency by frequency.
double reference(const Case& c, const loss::FilterResponseOptions& options) {
  using Complex = std::complex<double>;
  const Index n = shape[0], channels = shape[1], h = shape[2], w = shape[3];
  const Index cells = h * w;
  const double pi = std::acos(-1.0);
  const auto hann = [&](Index i, Index of) {
    return 0.5 - 0.5 * std::cos(2 * pi * static_cast<double>(i) / static_cast<double>(of - 1));
  };
  const auto turn = [&](Index u, Index v, Index i, Index j) {
    return std::polar(1.0, -2 * pi * (static_cast<double>(u * i) / 8 + static_cast<double>(v * j) / 7));
  };
  const auto spectrum = [&](const double* map, Index u, Index v, bool faded) {
    Complex sum;
    for (Index i = 0; i < h; ++i)
      for (Index j = 0; j < w; ++j) sum += (faded ? hann(i, h) * hann(j, w) : 1) * map[i * w + j] * turn(u, v, i, j);
    return sum;
  };
  double total = 0;
  for (Index m = 0; m < n; ++m) {
    std::vector<double> response(static_cast<std::size_t>((1 + options.others) * cells));
    for (Index k = 0; k <= options.others; ++k)
      for (Index u = 0; u < h; ++u)
        for (Index v = 0; v < w; ++v) {
          double energy = options.regularization * static_cast<double>(channels * cells);
          Complex product;
          for (Index ch = 0; ch < channels; ++ch) {
            const Complex f = spectrum(c.x.data() + (m * channels + ch) * cells, u, v, true);
            energy += std::norm(f);
            product += std::conj(f) * spectrum(c.z.data() + ((m + k) % n * channels + ch) * cells, u, v, false);
          }
          product *= spectrum(c.of_x.data() + m * cells, u, v, false) / energy;
          for (Index i = 0; i < cells; ++i)
            response[static_cast<std::size_t>(k * cells + i)] +=
                (product * std::conj(turn(u, v, i / w, i % w))).real() / static_cast<double>(cells);
        }
    double sum = 0, labels = 0;
    for (const double r : response) sum += std::exp(options.sharpness * r);
    const double* const label = c.of_z.data() + m * cells;
    for (Index i = 0; i < cells; ++i) labels += label[i];
    for (Index i = 0; i < cells; ++i) {
      const double u = label[i] / labels;
      if (u > 0) total += u * std::log(u * sum / std::exp(options.sharpness * response[static_cast<std::size_t>(i)]));
    }
  }
  return total / static_cast<double>(n);
}

}  // namespace

TEST_CASE("FilterResponse: the value is that of plain sums") {
  Case c;
  for (const loss::FilterResponseOptions& o :
       {loss::FilterResponseOptions{.others = 2}, {.regularization = 0.3, .sharpness = 4, .others = 1}})
    CHECK(c.value(loss::FilterResponse<double>(o), c.x, c.z) ==
          doctest::Approx(reference(c, o)).epsilon(1e-7));  // the window is in float
}

TEST_CASE("FilterResponse: gradients agree with central differences, and a wrong one is caught") {
  Case c;
  for (const int others : {0, 2}) {
    const loss::FilterResponse<double> loss({.others = others});
    const auto right = c.check(loss, 0);
    INFO(right);
    CHECK(right.worst < 1e-7);
    CHECK(c.check(loss, 0.05).worst > 1e-3);
  }
}

TEST_CASE("FilterResponse: other targets count, of which a batch has one less than targets") {
  Case c;
  const loss::FilterResponse<double> with({.others = 9}), two({.others = 2}), without({.others = 0});
  const double all = c.value(with, c.x, c.z);
  CHECK(all == c.value(two, c.x, c.z));
  CHECK(all > c.value(without, c.x, c.z) + 0.1);
  const Shape<4> one{1, 4, 8, 7};
  const TensorView<const double, 4> x(c.x.data(), one), z(c.z.data(), one);
  const TensorView<const double, 3> u(c.of_x.data(), {1, 8, 7}), v(c.of_z.data(), {1, 8, 7});
  const double value = with.value(x, z, u, v, c.cache);
  CHECK(value == without.value(x, z, u, v, c.cache));
}

TEST_CASE("FilterResponse: a target outside its patch teaches nothing") {
  Case c;
  const loss::FilterResponse<double> loss;
  std::fill(c.of_z.begin(), c.of_z.end(), 0.0);
  CHECK(c.value(loss, c.x, c.z) == 0);
  std::vector<double> dx(c.x.size(), 9.0), dz(c.x.size(), 9.0);
  loss.gradient(c.cache, {dx.data(), shape}, {dz.data(), shape});
  CHECK(std::all_of(dx.begin(), dx.end(), [](double d) { return d == 0; }));
  CHECK(std::all_of(dz.begin(), dz.end(), [](double d) { return d == 0; }));
}

TEST_CASE("FilterResponse: of several targets, one outside its patch leaves the others what they teach") {
  Case c;
  const loss::FilterResponse<double> loss({.others = 0});
  const auto whole = c.of_z;
  const double all = c.value(loss, c.x, c.z);
  double rest = 0;
  for (const std::size_t out : {0U, 1U, 2U}) {
    c.of_z = whole;
    std::fill_n(c.of_z.begin() + static_cast<std::ptrdiff_t>(56 * out), 56, 0.09);
    rest += c.value(loss, c.x, c.z);
  }
  CHECK(rest == doctest::Approx(2 * all));  // each is left out once
}

TEST_CASE("FilterResponse: options that are none") {
  using Loss = loss::FilterResponse<double>;
  CHECK_THROWS_AS(Loss({.regularization = -1}), Error);
  CHECK_THROWS_AS(Loss({.sharpness = 0}), Error);
  CHECK_THROWS_AS(Loss({.sharpness = std::nan("")}), Error);
  CHECK_THROWS_AS(Loss({.others = -1}), Error);
}

TEST_CASE("FilterResponse: maps and labels that do not fit are errors") {
  Case c;
  const loss::FilterResponse<double> loss;
  const TensorView<const double, 4> x(c.x.data(), shape);
  const TensorView<const double, 3> label(c.of_x.data(), label_shape), fewer(c.of_x.data(), {2, 8, 7});
  CHECK_THROWS_AS(loss.value(x, {c.z.data(), {3, 2, 8, 7}}, label, label, c.cache), ShapeError);
  CHECK_THROWS_AS(loss.value(x, x, fewer, label, c.cache), ShapeError);
  CHECK_THROWS_AS(loss.value(x, x, label, fewer, c.cache), ShapeError);
  const TensorView<const double, 4> thin(c.x.data(), {3, 4, 28, 2});
  const TensorView<const double, 3> of_thin(c.of_x.data(), {3, 28, 2});
  CHECK_THROWS_AS(loss.value(thin, thin, of_thin, of_thin, c.cache), ShapeError);
}
