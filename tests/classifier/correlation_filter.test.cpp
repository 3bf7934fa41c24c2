// SPDX-License-Identifier: MIT
#include "correlation_filters.hpp"

#include <pursuit/classifier/correlation_filter.hpp>
#include <pursuit/kernels/peak.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>

using namespace pursuit;
using test::Spectrum;

namespace {

constexpr Index C = 2, H = 11, W = 7;
const std::array<Box, 1> target{{{0, 0, 4, 4}}};
const std::array<Crop, 1> crop{};

Sample<> sample_of(const Tensor<float, 4>& maps) { return {test::one_level(maps, 1), crop, target, 0}; }

}  // namespace

TEST_CASE("CorrelationFilter follows its formula from frame to frame") {
  const double lambda = 0.2, rate = 0.3, sigma = 0.4;
  CorrelationFilter<C> filter({.lambda = lambda, .rate = rate, .sigma = 0.1});
  const std::array frames{test::noise_maps(1, C, H, W, 1), test::noise_maps(1, C, H, W, 2),
                          test::noise_maps(1, C, H, W, 3)};
  filter.init(sample_of(frames[0]));
  filter.update(sample_of(frames[1]), {});
  filter.update(sample_of(frames[2]), {});

  const Spectrum y = test::dft(test::label(H, W, sigma), H, W);
  std::array<Spectrum, C> z;
  Spectrum alpha(H * W);
  for (std::size_t t = 0; t < frames.size(); ++t) {
    const double r = t == 0 ? 1 : rate;
    Spectrum energy(H * W, lambda);
    for (std::size_t c = 0; c < C; ++c) {
      const Spectrum fresh = test::dft(test::windowed(frames[t], 0, static_cast<Index>(c)), H, W);
      z[c].resize(fresh.size());
      for (std::size_t k = 0; k < fresh.size(); ++k) {
        energy[k] += std::norm(fresh[k]);
        z[c][k] = (1 - r) * z[c][k] + r * fresh[k];
      }
    }
    for (std::size_t k = 0; k < alpha.size(); ++k) alpha[k] = (1 - r) * alpha[k] + r * y[k] / energy[k];
  }
  const auto x = test::noise_maps(1, C, H, W, 4);
  Spectrum sum(H * W);
  for (std::size_t c = 0; c < C; ++c) {
    const Spectrum xc = test::dft(test::windowed(x, 0, static_cast<Index>(c)), H, W);
    for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += alpha[k] * xc[k] * std::conj(z[c][k]);
  }
  const Spectrum expected = test::dft(sum, H, W, true);
  const ResponseMap<> response = filter.respond(test::one_level(x, 1));
  for (Index k = 0; k < H * W; ++k)
    CHECK(std::abs(response.values.data[k] - expected[static_cast<std::size_t>(k)].real()) < 1e-5);
}

TEST_CASE("a target that moved is answered where it is") {
  CorrelationFilter<C> filter;
  // Energy in the middle of the map, so that the window cuts little of it away before and after the move.
  auto maps = make_tensor<float, 4>(Shape<4>{1, C, 32, 32});
  const TensorView<float, 4> view(maps);
  Random random(5);
  for (Index c = 0; c < C; ++c)
    for (Index i = 12; i < 20; ++i)
      for (Index j = 12; j < 20; ++j) view(0, c, i, j) = static_cast<float>(random.normal());
  filter.init(sample_of(maps));
  const auto moved = test::rolled(maps, 3, -2);
  const kernels::Peak peak = kernels::find_peak(filter.respond(test::one_level(moved, 1)).values[0]);
  CHECK(peak.row == 3);
  CHECK(peak.col == 30);
}

TEST_CASE("the published inverse differs on odd widths only") {
  for (const Index width : {8, 9}) {
    CorrelationFilter<C> intended, published({.published_inverse = true});
    const auto maps = test::noise_maps(1, C, 8, width, 6);
    intended.init(sample_of(maps));
    published.init(sample_of(maps));
    const auto a = intended.respond(test::one_level(maps, 1)).values,
               b = published.respond(test::one_level(maps, 1)).values;
    CHECK(a.shape == b.shape);
    CHECK(std::equal(a.begin(), a.end(), b.begin()) == (width % 2 == 0));
  }
}

TEST_CASE("CorrelationFilter: options that give no filter are refused") {
  const double nan = std::nan("");
  for (const CorrelationFilter<>::Options& bad : std::initializer_list<CorrelationFilter<>::Options>{
           {.lambda = 0}, {.lambda = nan}, {.rate = 1.5}, {.rate = -0.1}, {.sigma = 0}})
    CHECK_THROWS_WITH_AS(CorrelationFilter<>{bad}, doctest::Contains("need lambda"), Error);
  CHECK_NOTHROW(CorrelationFilter<>({.rate = 1}));
}
