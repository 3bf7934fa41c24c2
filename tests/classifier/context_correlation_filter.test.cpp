// SPDX-License-Identifier: MIT
#include "correlation_filters.hpp"

#include <pursuit/classifier/context_correlation_filter.hpp>
#include <pursuit/classifier/correlation_filter.hpp>
#include <pursuit/kernels/peak.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>

using namespace pursuit;
using test::Spectrum;

namespace {

constexpr Index C = 3, H = 9, W = 14;
constexpr double stride = 4;
// The label's sigma is a share of the target's size in cells: 24 x 24 pixels are 6 x 6 cells.
const std::array<Box, 3> targets{{{4, 5, 24, 24}, {}, {}}};
const std::array<Crop, 3> crops{};

Sample<> sample_of(const Tensor<float, 4>& maps, std::size_t contexts) {
  return {test::one_level(maps, stride), std::span(crops).first(1 + contexts), std::span(targets).first(1 + contexts),
          contexts};
}

/// The filter of the doc comment, in double and by the definition of the transform.
struct Reference {
  std::vector<Spectrum> b;
  std::vector<Spectrum> d;  // one for each channel
  bool per_channel;

  Spectrum respond(const Tensor<float, 4>& x) const {
    Spectrum sum(H * W);
    for (Index c = 0; c < C; ++c) {
      const Spectrum xc = test::dft(test::windowed(x, 0, c), H, W);
      for (std::size_t k = 0; k < sum.size(); ++k)
        sum[k] += std::conj(b[static_cast<std::size_t>(c)][k] / d[static_cast<std::size_t>(c)][k]) * xc[k];
    }
    for (auto& s : sum) s /= per_channel ? double(C) : 1.0;
    return test::dft(sum, H, W, true);
  }
};

Reference learned(const std::vector<Tensor<float, 4>>& frames, const std::vector<double>& weights, double l1, double l2,
                  std::size_t contexts, double sigma, bool per_channel) {
  Reference r{std::vector<Spectrum>(C, Spectrum(H * W)), std::vector<Spectrum>(C, Spectrum(H * W)), per_channel};
  const Spectrum y = test::dft(test::label(H, W, sigma), H, W);
  for (std::size_t t = 0; t < frames.size(); ++t)
    for (Index c = 0; c < C; ++c)
      for (Index i = 0; i <= static_cast<Index>(contexts); ++i) {
        const Spectrum z = test::dft(test::windowed(frames[t], i, c), H, W);
        for (std::size_t k = 0; k < z.size(); ++k) {
          if (i == 0) r.b[static_cast<std::size_t>(c)][k] += weights[t] * z[k] * std::conj(y[k]);
          for (Index o = 0; o < C; ++o)
            if (!per_channel || o == c)
              r.d[static_cast<std::size_t>(o)][k] += weights[t] * (i == 0 ? 1.0 : l2) * std::norm(z[k]);
        }
      }
  for (auto& d : r.d)
    for (auto& v : d) v += l1;
  return r;
}

double worst_difference(const ResponseMap<>& mine, const Spectrum& theirs) {
  double worst = 0;
  for (Index k = 0; k < H * W; ++k)
    worst = std::max(worst, std::abs(mine.values.data[k] - theirs[static_cast<std::size_t>(k)].real()));
  return worst;
}

}  // namespace

TEST_CASE("ContextCorrelationFilter answers as its formula says, over frames and contexts") {
  for (const bool per_channel : {false, true}) {
    CAPTURE(per_channel);
    using Filter = ContextCorrelationFilter<C>;
    Filter filter({.lambda1 = 0.5, .lambda2 = 0.4, .rate = 0.25, .sigma = 0.1, .per_channel = per_channel});
    const auto first = test::noise_maps(3, C, H, W, 1), second = test::noise_maps(3, C, H, W, 2);
    const auto x = test::noise_maps(1, C, H, W, 3);
    filter.init(sample_of(first, 2));
    filter.update(sample_of(second, 2), {});
    const Reference reference = learned({first, second}, {0.75, 0.25}, 0.5, 0.4, 2, 0.6, per_channel);
    const ResponseMap<> response = filter.respond(test::one_level(x, stride));
    CHECK(response.origin == ResponseMap<>::Origin::corner);
    CHECK(response.stride == stride);
    // Responses are around 1; float sums of C H W = 378 terms.
    CHECK(worst_difference(response, reference.respond(x)) < 2e-5);
  }
}

TEST_CASE("without contexts the filter returns the label on its own training patch") {
  ContextCorrelationFilter<C> filter({.lambda1 = 1e-6, .lambda2 = 0, .rate = 0.1, .sigma = 0.2, .per_channel = false});
  CHECK(filter.contexts().empty());
  const auto z = test::noise_maps(1, C, H, W, 4);
  filter.init(sample_of(z, 0));
  const Spectrum y = test::label(H, W, 1.2);
  // The only loss is the regulariser's, 1e-6 over energies of about C H W / 7.
  CHECK(worst_difference(filter.respond(test::one_level(z, stride)), y) < 1e-4);
}

TEST_CASE("the primal and the dual filter are the same filter on one frame") {
  ContextCorrelationFilter<C> primal({.lambda1 = 0.3, .lambda2 = 0, .rate = 0.1, .sigma = 0.1, .per_channel = false});
  CorrelationFilter<C> dual({.lambda = 0.3, .rate = 0.1, .sigma = 0.1});
  const auto z = test::noise_maps(1, C, H, W, 5), x = test::noise_maps(2, C, H, W, 6);
  primal.init(sample_of(z, 0));
  dual.init(sample_of(z, 0));
  const ResponseMap<> a = primal.respond(test::one_level(x, stride)), b = dual.respond(test::one_level(x, stride));
  REQUIRE(a.values.shape == Shape<3>{2, H, W});
  for (Index k = 0; k < a.values.size(); ++k)
    CHECK(a.values.data[k] == doctest::Approx(b.values.data[k]).epsilon(1e-4));
}

TEST_CASE("the surroundings are answered with less than without them") {
  const auto maps = test::noise_maps(3, C, H, W, 7);
  auto beside = make_tensor<float, 4>(Shape<4>{1, C, H, W});
  std::copy_n(maps.data() + C * H * W, C * H * W, beside.data());
  const auto energy = [&](double l2) {
    ContextCorrelationFilter<C> filter(
        {.lambda1 = 1e-3, .lambda2 = l2, .rate = 0.1, .sigma = 0.1, .per_channel = false});
    filter.init(sample_of(maps, l2 > 0 ? 2 : 0));
    double sum = 0;
    for (const float v : filter.respond(test::one_level(beside, stride)).values) sum += v * v;
    return sum;
  };
  CHECK(energy(2.0) < 0.25 * energy(0.0));
}

TEST_CASE("features of another size are refused by name") {
  ContextCorrelationFilter<C> filter;
  filter.init(sample_of(test::noise_maps(5, C, H, W, 8), 0));
  const auto other = test::noise_maps(1, C, H + 1, W, 9);
  CHECK_THROWS_WITH_AS(filter.respond(test::one_level(other, stride)), doctest::Contains("(10,14)"), ShapeError);
}

TEST_CASE("ContextCorrelationFilter: options that give no filter are refused") {
  using Filter = ContextCorrelationFilter<>;
  for (const Filter::Options& bad :
       std::initializer_list<Filter::Options>{{.lambda1 = 0}, {.lambda2 = -1}, {.rate = 2}, {.sigma = -0.1}})
    CHECK_THROWS_WITH_AS(Filter{bad}, doctest::Contains("need lambda1"), Error);
}
