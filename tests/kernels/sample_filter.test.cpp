// SPDX-License-Identifier: MIT
#include "random_tensor.hpp"

#include <pursuit/core/aligned.hpp>
#include <pursuit/kernels/reference/sample_filter.hpp>
#include <pursuit/kernels/sample_filter.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

using namespace pursuit;

namespace {

template <class T>
AlignedVector<T> noise(Index n, std::uint64_t seed) {
  AlignedVector<T> v(static_cast<std::size_t>(n));
  Random random(seed);
  for (T& x : v) x = static_cast<T>(random.uniform(-1, 1));
  return v;
}

/// (C, k k) as rows of filters, which are longer.
template <class T>
AlignedVector<T> rows(const AlignedVector<T>& plain, Index taps, Index row) {
  const Index channels = static_cast<Index>(plain.size()) / taps;
  AlignedVector<T> v(static_cast<std::size_t>(channels * row), T(0));
  for (Index c = 0; c < channels; ++c)
    for (Index t = 0; t < taps; ++t)
      v[static_cast<std::size_t>(c * row + t)] = plain[static_cast<std::size_t>(c * taps + t)];
  return v;
}

struct Size {
  Index channels, height, width, kernel;
};
constexpr std::array sizes{Size{1, 1, 1, 1},   Size{5, 7, 9, 4},  Size{6, 18, 18, 4}, Size{13, 5, 3, 3},
                           Size{4, 3, 31, 5},  Size{11, 1, 6, 2}, Size{2, 2, 2, 6},   Size{64, 18, 18, 4},
                           Size{131, 4, 5, 9}, Size{3, 2, 1, 4},  Size{4, 1, 23, 4},  Size{197, 5, 8, 4}};

}  // namespace

TEST_CASE_TEMPLATE("SampleFilter: both products are those of the plain loops", T, float, double) {
  // Sums of up to C k k (respond) or H W (gradient) products of numbers below 1, in another order.
  const double bound = 4 * static_cast<double>(std::numeric_limits<T>::epsilon());
  for (const Size& size : sizes) {
    CAPTURE(size.channels);
    CAPTURE(size.height);
    CAPTURE(size.width);
    CAPTURE(size.kernel);
    kernels::SampleFilter<T> filter(size.channels, size.height, size.width, size.kernel);
    const Index cells = size.height * size.width, taps = size.kernel * size.kernel;
    const auto plain = noise<T>(size.channels * cells, 1), w = noise<T>(size.channels * taps, 2),
               u = noise<T>(cells, 3);
    AlignedVector<T> x(static_cast<std::size_t>(filter.sample_size()), T(7)), back(plain.size());
    filter.pack(plain.data(), x.data(), T(0.5));
    filter.unpack(x.data(), back.data());
    for (std::size_t i = 0; i < plain.size(); ++i) REQUIRE(back[i] == T(0.5) * plain[i]);

    const Shape<3> sample{size.channels, size.height, size.width}, taps_of{size.channels, size.kernel, size.kernel};
    for (int turn = 0; turn < 2; ++turn) {  // scratch memory holds what the turn before left
      AlignedVector<T> s(u.size(), T(9)), expected(u.size());
      filter.use(rows(w, taps, filter.row()).data());
      filter.look(x.data());
      filter.respond(s.data());
      kernels::reference::filter_response<T>({back.data(), sample}, {w.data(), taps_of},
                                             {expected.data(), {size.height, size.width}});
      const double length = static_cast<double>(size.channels * taps);
      for (std::size_t i = 0; i < s.size(); ++i)
        CHECK(std::abs(static_cast<double>(s[i] - expected[i])) <= bound * length);

      AlignedVector<T> g(static_cast<std::size_t>(filter.filter_size()), T(1)), sum(w.size(), T(1));
      filter.collect(u.data(), x.data());
      filter.deliver(g.data());
      kernels::reference::add_filter_gradient<T>({back.data(), sample}, {u.data(), {size.height, size.width}},
                                                 {sum.data(), taps_of});
      const auto expected_rows = rows(sum, taps, filter.row());
      for (Index c = 0; c < size.channels; ++c)
        for (Index t = 0; t < filter.row(); ++t) {
          const auto i = static_cast<std::size_t>(c * filter.row() + t);
          if (t < taps)
            CHECK(std::abs(static_cast<double>(g[i] - expected_rows[i])) <= bound * static_cast<double>(cells + 1));
          else
            CHECK(g[i] == 1);  // what fills a row up gets nothing
        }
    }
  }
}

TEST_CASE("SampleFilter: 4 x 4 filters lose little to rounding") {
  const Index channels = 64, side = 18;
  kernels::SampleFilter<float> rounded(channels, side, side, 4);
  kernels::SampleFilter<double> exact(channels, side, side, 4);
  const auto plain = noise<float>(channels * side * side, 11), w = noise<float>(rounded.filter_size(), 12),
             u = noise<float>(side * side, 13);
  const auto run = [&]<class T>(auto& filter, AlignedVector<T>& s, AlignedVector<T>& g) {
    const AlignedVector<T> numbers(plain.begin(), plain.end()), taps(w.begin(), w.end()), map(u.begin(), u.end());
    AlignedVector<T> x(static_cast<std::size_t>(filter.sample_size()));
    s.resize(map.size());
    g.assign(taps.size(), T(0));
    filter.pack(numbers.data(), x.data());
    filter.use(taps.data());
    filter.look(x.data());
    filter.respond(s.data());
    filter.collect(map.data(), x.data());
    filter.deliver(g.data());
  };
  const auto error = [](const AlignedVector<float>& a, const AlignedVector<double>& b) {
    double apart = 0, whole = 0;
    for (std::size_t i = 0; i < b.size(); ++i) {
      const double d = static_cast<double>(a[i]) - b[i];
      apart += d * d;
      whole += b[i] * b[i];
    }
    return std::sqrt(apart / whole);
  };
  AlignedVector<float> s, g;
  AlignedVector<double> true_s, true_g;
  run(rounded, s, g);
  run(exact, true_s, true_g);
  // Half as much again as was found: 4e-7 and 3e-7. Points at whole numbers would give several times that.
  CHECK(error(s, true_s) < 6e-7);
  CHECK(error(g, true_g) < 5e-7);
}

TEST_CASE_TEMPLATE("SampleFilter: the gradient is the adjoint of the response", T, float, double) {
  const Size size{10, 9, 14, 4};
  kernels::SampleFilter<T> filter(size.channels, size.height, size.width, size.kernel);
  AlignedVector<T> x(static_cast<std::size_t>(filter.sample_size())), s(static_cast<std::size_t>(filter.cells())),
      g(static_cast<std::size_t>(filter.filter_size()), T(0));
  const auto plain = noise<T>(size.channels * filter.cells(), 4), w = noise<T>(filter.filter_size(), 5),
             u = noise<T>(filter.cells(), 6);
  filter.pack(plain.data(), x.data());
  filter.use(w.data());
  filter.look(x.data());
  filter.respond(s.data());
  filter.collect(u.data(), x.data());
  filter.deliver(g.data());
  double left = 0, right = 0;
  for (std::size_t i = 0; i < s.size(); ++i) left += static_cast<double>(s[i]) * static_cast<double>(u[i]);
  for (std::size_t i = 0; i < g.size(); ++i) right += static_cast<double>(w[i]) * static_cast<double>(g[i]);
  CHECK(std::abs(left) > 1);
  CHECK(std::abs(left - right) < 200 * static_cast<double>(std::numeric_limits<T>::epsilon()) * std::abs(left));
}

TEST_CASE_TEMPLATE("SampleFilter: projected samples are packed samples of fewer channels", T, float, double) {
  const Index channels = 9, outputs = 8, height = 5, width = 6;
  const kernels::SampleFilter<T> wide(channels, height, width, 3), narrow(outputs, height, width, 3);
  const auto plain = noise<T>(channels * height * width, 7), m = noise<T>(channels * outputs, 8);
  AlignedVector<T> x(static_cast<std::size_t>(wide.sample_size())), y(static_cast<std::size_t>(narrow.sample_size())),
      back(static_cast<std::size_t>(outputs * height * width)), expected(back.size());
  CHECK(wide.sample_size(outputs) == narrow.sample_size());
  wide.pack(plain.data(), x.data());
  wide.project(x.data(), m.data(), outputs, y.data(), T(2));
  narrow.unpack(y.data(), back.data());
  kernels::reference::project_channels<T>({plain.data(), {channels, height, width}}, {m.data(), {channels, outputs}},
                                          {expected.data(), {outputs, height, width}});
  for (std::size_t i = 0; i < back.size(); ++i)
    CHECK(std::abs(static_cast<double>(back[i] - 2 * expected[i])) <
          40 * static_cast<double>(std::numeric_limits<T>::epsilon()));
}

TEST_CASE("SampleFilter refuses sizes that are none") {
  CHECK_THROWS_WITH_AS(kernels::SampleFilter<float>(3, 0, 4, 4), doctest::Contains("0x4"), Error);
  CHECK_THROWS_AS(kernels::SampleFilter<float>(3, 4, 4, 32), Error);
}

TEST_CASE_TEMPLATE("add_narrow_product adds the product of either orientation", T, float, double) {
  const Index rows = 8, depth = 5, width = 32;
  const auto a = noise<T>(rows * depth, 9), b = noise<T>(depth * width, 10);
  for (const bool turned : {false, true}) {
    AlignedVector<T> c(static_cast<std::size_t>(rows * width), T(2));
    const Index am = turned ? 1 : depth, ak = turned ? rows : 1;
    kernels::add_narrow_product(a.data(), am, ak, b.data(), rows, depth, width, c.data());
    for (Index m = 0; m < rows; ++m)
      for (Index n = 0; n < width; ++n) {
        double sum = 2;
        for (Index k = 0; k < depth; ++k)
          sum += static_cast<double>(a[static_cast<std::size_t>(m * am + k * ak)]) *
                 static_cast<double>(b[static_cast<std::size_t>(k * width + n)]);
        CHECK(std::abs(static_cast<double>(c[static_cast<std::size_t>(m * width + n)]) - sum) <
              20 * static_cast<double>(std::numeric_limits<T>::epsilon()));
      }
  }
}
