// SPDX-License-Identifier: MIT
#include "../kernels/random_tensor.hpp"

#include <pursuit/classifier/siamese_head.hpp>

#include <doctest/doctest.h>

#include <support/compiled_networks.hpp>
#include <support/heads.hpp>

#include <array>
#include <cmath>

using namespace pursuit;
using test::maps;

namespace {

// Each of four exemplar cells gives one map: two anchors' backgrounds, then their targets.
const test::Compares four_cells{.correlation = {{4, 8, 1, 1}}, .how = {.kind = nn::Comparison::Kind::pixelwise}};

using Head = SiameseHead<test::Compares, 8>;
static_assert(Classifier<Head>);

}  // namespace

TEST_CASE("SiameseHead: the response is the probability of the second class, anchor by anchor") {
  const auto z = random_tensor<4>({1, 8, 2, 2}, 1), x = random_tensor<4>({2, 8, 5, 3}, 2);
  Head head(four_cells, 8);
  head.init({.features = maps(z)});
  const ResponseMap<> response = head.respond(maps(x));
  REQUIRE(response.values.shape == Shape<3>{4, 5, 3});
  CHECK(response.stride == 8);
  double difference = 0;
  for (Index n = 0; n < 2; ++n)
    for (Index a = 0; a < 2; ++a)
      for (Index i = 0; i < 5; ++i)
        for (Index j = 0; j < 3; ++j) {
          std::array<double, 4> answer{};
          for (Index k = 0; k < 4; ++k)
            for (Index c = 0; c < 8; ++c)
              answer[static_cast<std::size_t>(k)] += static_cast<double>(z(0, c, k / 2, k % 2)) * x(n, c, i, j);
          const double no = std::exp(answer[static_cast<std::size_t>(a)]),
                       yes = std::exp(answer[static_cast<std::size_t>(2 + a)]);
          difference = std::max(difference, std::abs(yes / (no + yes) - response.values(n * 2 + a, i, j)));
        }
  CHECK(difference < 1e-6);
}

TEST_CASE("SiameseHead: a copy learns a target of its own") {
  const auto z = random_tensor<4>({1, 8, 2, 2}, 1), other = random_tensor<4>({1, 8, 2, 2}, 3),
             x = random_tensor<4>({1, 8, 1, 1}, 2);
  Head head(four_cells, 8);
  head.init({.features = maps(z)});
  Head copy = head;
  const float mine = head.respond(maps(x)).values(0, 0, 0);
  CHECK(copy.respond(maps(x)).values(0, 0, 0) == mine);
  copy.init({.features = maps(other)});
  CHECK(copy.respond(maps(x)).values(0, 0, 0) != mine);
  CHECK(head.respond(maps(x)).values(0, 0, 0) == mine);
}
