// SPDX-License-Identifier: MIT
#include "../kernels/random_tensor.hpp"
#include "reference_walk.hpp"

#include <pursuit/nn/exemplar_plan.hpp>

#include <doctest/doctest.h>

#include <support/compiled_networks.hpp>
#include <support/heads.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace pursuit;
using test::Compares;

namespace {

/// Exemplar features with three times the channels.
struct Wide : Compares {
  nn::Conv2d<float> widen{4, 12, 1, {.bias = false}};
  template <class Builder>
  std::vector<typename Builder::Value> compile_exemplar(Builder& b, typename Builder::Value value) const {
    return {widen.compile(b, value)};
  }
};

/// y[n,o,i,j] = sum z x by the definition of the comparison, in double.
template <class Term>
void check(const TensorView<const float, 4>& y, Term&& sum) {
  double difference = 0;
  for (Index n = 0; n < y.shape[0]; ++n)
    for (Index o = 0; o < y.shape[1]; ++o)
      for (Index i = 0; i < y.shape[2]; ++i)
        for (Index j = 0; j < y.shape[3]; ++j)
          difference = std::max(difference, std::abs(sum(n, o, i, j) - static_cast<double>(y(n, o, i, j))));
  CHECK(difference < 1e-5);  // sums of some fifty terms below 1
}

}  // namespace

TEST_CASE("ExemplarPlan: cells are compared one by one") {
  const auto z = random_tensor<4>({1, 8, 3, 2}, 1), x = random_tensor<4>({2, 8, 5, 7}, 2);
  nn::ExemplarPlan<Compares> plan({.correlation = {{6, 8, 1, 1}}, .how = {.kind = nn::Comparison::Kind::pixelwise}}, 8);
  plan.init(z);
  const auto y = plan.run(x);
  REQUIRE(y.shape == Shape<4>{2, 6, 5, 7});
  check(y, [&](Index n, Index o, Index i, Index j) {
    double sum = 0;
    for (Index c = 0; c < 8; ++c) sum += static_cast<double>(z(0, c, o / 2, o % 2)) * x(n, c, i, j);
    return sum;
  });
}

TEST_CASE("ExemplarPlan: the middle is compared channel by channel") {
  const auto z = random_tensor<4>({1, 8, 6, 6}, 1), x = random_tensor<4>({1, 8, 5, 7}, 2);
  nn::ExemplarPlan<Compares> plan(
      {.correlation = {{8, 1, 4, 4}, {.groups = 8}}, .how = {.kind = nn::Comparison::Kind::depthwise, .side = 4}}, 8);
  plan.init(z);
  const auto y = plan.run(x);
  REQUIRE(y.shape == Shape<4>{1, 8, 2, 4});
  check(y, [&](Index n, Index o, Index i, Index j) {
    double sum = 0;
    for (Index u = 0; u < 4; ++u)
      for (Index v = 0; v < 4; ++v) sum += static_cast<double>(z(0, o, u + 1, v + 1)) * x(n, o, i + u, j + v);
    return sum;
  });
}

TEST_CASE("ExemplarPlan: several full exemplars are compared") {
  Wide layers;
  layers.correlation = {{3, 4, 3, 3}};
  layers.how = {.kind = nn::Comparison::Kind::full, .channels = 4};
  for (std::size_t i = 0; i < 12; ++i) layers.widen.weight(i, i % 4, 0, 0) = static_cast<float>(1 + i / 4);
  const auto z = random_tensor<4>({1, 4, 3, 3}, 1), x = random_tensor<4>({1, 4, 5, 7}, 2);
  nn::ExemplarPlan<Wide> plan(layers, 4);
  plan.init(z);
  const auto y = plan.run(x);
  REQUIRE(y.shape == Shape<4>{1, 3, 3, 5});
  check(y, [&](Index n, Index o, Index i, Index j) {
    double sum = 0;
    for (Index c = 0; c < 4; ++c)
      for (Index u = 0; u < 3; ++u)
        for (Index v = 0; v < 3; ++v) sum += static_cast<double>(o + 1) * z(0, c, u, v) * x(n, c, i + u, j + v);
    return sum;
  });
}

TEST_CASE("ExemplarPlan: nothing to compare with is an error; copies have exemplars of their own") {
  const auto z = random_tensor<4>({1, 8, 1, 1}, 1), other = random_tensor<4>({1, 8, 1, 1}, 2),
             x = random_tensor<4>({1, 8, 3, 3}, 3);
  nn::ExemplarPlan<Compares> plan({.correlation = {{1, 8, 1, 1}}, .how = {.kind = nn::Comparison::Kind::pixelwise}}, 8);
  CHECK_THROWS_AS(plan.run(x), Error);
  plan.init(z);
  const float first = plan.run(x)(0, 0, 1, 1);
  auto copy = plan;
  copy.init(other);
  CHECK(copy.run(x)(0, 0, 1, 1) != first);
  CHECK(plan.run(x)(0, 0, 1, 1) == first);
  const auto large = random_tensor<4>({1, 8, 2, 1}, 1);
  CHECK_THROWS_AS(plan.init(large), ShapeError);
}

TEST_CASE("ExemplarPlan: a blend answers as the sum of what its parts answer, until the next exemplar") {
  const Compares branch{.correlation = {{8, 1, 4, 4}, {.groups = 8}},
                        .how = {.kind = nn::Comparison::Kind::depthwise, .side = 4}};
  const auto z = random_tensor<4>({1, 8, 6, 6}, 1), x = random_tensor<4>({1, 8, 5, 7}, 2),
             d = random_tensor<4>({1, 8, 6, 6}, 3), e = random_tensor<4>({1, 8, 6, 6}, 4);
  nn::ExemplarPlan<Compares> plan(branch, 8);
  const auto answer = [&](const Tensor<float, 4>& exemplar) {
    nn::ExemplarPlan<Compares> alone(branch, 8);
    alone.init(exemplar);
    const auto y = alone.run(x);
    return std::vector<float>(y.begin(), y.end());
  };
  CHECK_THROWS_AS(plan.add_other(d, 1), Error);
  plan.init(z);
  CHECK_THROWS_AS(plan.blend(1, -0.5), Error);
  plan.add_other(d, 1);
  plan.add_other(e, 3);
  CHECK(std::ranges::equal(plan.run(x), answer(z)));  // not before blend()
  plan.blend(1, -0.5);
  const auto of_z = answer(z), of_d = answer(d), of_e = answer(e);
  check(plan.run(x), [&](Index, Index o, Index i, Index j) {
    const auto at = static_cast<std::size_t>((o * 2 + i) * 4 + j);
    return of_z[at] - 0.5 * (0.25 * of_d[at] + 0.75 * of_e[at]);
  });
  plan.init(z);
  CHECK(std::ranges::equal(plan.run(x), of_z));
  plan.add_other(e, 2);
  plan.blend(0, 1);  // nothing is left of the others before init()
  check(plan.run(x),
        [&](Index, Index o, Index i, Index j) { return of_e[static_cast<std::size_t>((o * 2 + i) * 4 + j)]; });
}
