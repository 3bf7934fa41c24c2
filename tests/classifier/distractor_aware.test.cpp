// SPDX-License-Identifier: MIT
#include "../kernels/random_tensor.hpp"

#include <pursuit/classifier/distractor_aware.hpp>
#include <pursuit/nn/correlation.hpp>
#include <pursuit/track/updated_template.hpp>

#include "../support/allocations.hpp"

#include <doctest/doctest.h>

#include <support/compiled_networks.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace pursuit;

namespace {

constexpr int channels = 8;

/// Two maps: nothing for the background, the full comparison with a 3 x 3 exemplar for the target.
struct Linear {
  nn::Correlation correlation{{2, channels, 3, 3}, {.padding = 1}};
  std::vector<nn::Comparison> comparisons() const {
    return {{.kind = nn::Comparison::Kind::full, .channels = channels}};
  }
  template <class Builder>
  std::vector<typename Builder::Value> compile_exemplar(Builder& builder, typename Builder::Value z) const {
    nn::Conv2d<float> both(channels, 2 * channels, 1, {.bias = false});
    both.weight.fill(0);
    for (int c = 0; c < channels; ++c) both.weight(channels + c, c, 0, 0) = 1;
    return {both.compile(builder, z)};
  }
  template <class Builder>
  typename Builder::Value compile(Builder& builder, typename Builder::Value x) const {
    return correlation.compile(builder, x);
  }
};

using Head = DistractorAware<Linear, channels>;
static_assert(SelectiveClassifier<Head>);
static_assert(Head::update_from == UpdateFrom::search_crop);

FeatureMaps<> maps(const Tensor<float, 4>& values) {
  FeatureMaps<> m;
  m.add({values, 8});
  return m;
}

struct Place {
  Index y, x;
};

/// Search features of 13 x 13 cells, zero but for 3 x 3 patches.
Tensor<float, 4> search(const std::vector<std::pair<Place, Tensor<float, 4>>>& patches) {
  auto x = make_tensor<float, 4>({1, channels, 13, 13});
  for (const auto& [at, patch] : patches)
    for (Index c = 0; c < channels; ++c)
      for (Index i = 0; i < 3; ++i)
        for (Index j = 0; j < 3; ++j) x(0, c, at.y + i - 1, at.x + j - 1) = patch(0, c, i, j);
  return x;
}

double logit(double p) { return std::log(p / (1 - p)); }

double dot(const Tensor<float, 4>& a, const Tensor<float, 4>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a.data()[i]) * b.data()[i];
  return sum;
}

constexpr Place target_at{6, 6}, other_at{6, 10}, second_at{2, 2};
const Crop crop{.width = 104, .height = 104};
const Box target_box = box_around({52, 52}, 20, 20);  // pixels of the patch: 8 a cell

struct Scene {
  Tensor<float, 4> z = random_tensor<4>({1, channels, 3, 3}, 1), other, second, x;
  Scene() {
    // Scores stay away from 0 and 1: their logarithms then have digits to compare.
    z *= 0.5F;
    other = z * 0.8F + random_tensor<4>({1, channels, 3, 3}, 2) * 0.2F;
    second = z * 0.7F + random_tensor<4>({1, channels, 3, 3}, 3) * 0.2F;
    x = search({{target_at, z}, {other_at, other}, {second_at, second}});
  }
};

void learn(Head& head, const Tensor<float, 4>& x) {
  const std::vector<Crop> crops{crop};
  const std::vector<Box> boxes{target_box};
  head.update({maps(x), crops, boxes, 0}, {});
}

double answer(Head& head, const Tensor<float, 4>& x, Place at) {
  return logit(head.respond(maps(x)).values(0, at.y, at.x));
}

}  // namespace

TEST_CASE("DistractorAware: subtracts the mean of the other peaks") {
  const Scene s;
  for (const bool keep_scale : {false, true}) {
    CAPTURE(keep_scale);
    Head head(Linear{}, 8, {.amount = 0.4, .score_above = 0.6, .keep_scale = keep_scale});
    head.init({.features = maps(s.z)});
    CHECK(answer(head, s.x, target_at) == doctest::Approx(dot(s.z, s.z)).epsilon(1e-4));
    CHECK(head.distractors() == 0);
    learn(head, s.x);
    REQUIRE(head.distractors() == 2);
    const Tensor<float, 4> mean = (s.other + s.second) * 0.5F;
    const double scale = keep_scale ? 1 / 0.6 : 1;
    for (const auto& [at, patch] : {std::pair{target_at, s.z}, {other_at, s.other}, {second_at, s.second}})
      // Single precision, of which a score near 1 loses three digits.
      CHECK(answer(head, s.x, at) == doctest::Approx(scale * (dot(s.z, patch) - 0.4 * dot(mean, patch))).epsilon(1e-3));
  }
}

TEST_CASE("DistractorAware: frames count by the sum of a geometric series") {
  const Scene s;
  Head head(Linear{}, 8, {.amount = 0.5, .score_above = 0.6, .forgetting = 0.4, .keep_scale = false});
  head.init({.features = maps(s.z)});
  const auto first = search({{target_at, s.z}, {other_at, s.other}}),
             then = search({{target_at, s.z}, {second_at, s.second}});
  head.respond(maps(first));
  learn(head, first);
  // The second thing has to stand out from what is compared by now.
  Head watcher = head;
  REQUIRE(watcher.respond(maps(then)).values(0, second_at.y, second_at.x) > 0.6F);
  head.respond(maps(then));
  learn(head, then);
  REQUIRE(head.distractors() == 2);
  const double b1 = 1, b2 = 1 + 0.4 / 0.6;
  const double expected = dot(s.z, s.z) - 0.5 * (b1 * dot(s.other, s.z) + b2 * dot(s.second, s.z)) / (b1 + b2);
  CHECK(answer(head, s.x, target_at) == doctest::Approx(expected).epsilon(1e-3));
}

TEST_CASE("DistractorAware: the target and what scores low are no distractors, a new target forgets") {
  const Scene s;
  Head head(Linear{}, 8, {.score_above = 0.6, .keep_scale = false}), plain(Linear{}, 8);
  head.init({.features = maps(s.z)});
  plain.init({.features = maps(s.z)});
  const auto alone = search({{target_at, s.z}});
  head.respond(maps(alone));
  learn(head, alone);
  CHECK(head.distractors() == 0);
  Head deaf(Linear{}, 8, {.score_above = 1});
  deaf.init({.features = maps(s.z)});
  deaf.respond(maps(s.x));
  learn(deaf, s.x);
  CHECK(deaf.distractors() == 0);
  head.respond(maps(s.x));
  learn(head, s.x);
  const double before = answer(plain, s.x, other_at);
  CHECK(answer(head, s.x, other_at) < before - 0.1);
  Head copy = head;
  head.init({.features = maps(s.z)});
  CHECK(head.distractors() == 0);
  CHECK(answer(head, s.x, other_at) == before);
  CHECK(answer(copy, s.x, other_at) < before - 0.1);
}

TEST_CASE("DistractorAware: a peak at the edge of the region is looked at as far as there are cells") {
  const Scene s;
  auto x = search({{target_at, s.z}});
  for (Index c = 0; c < channels; ++c)  // the exemplar's middle and right columns at the left edge
    for (Index i = 0; i < 3; ++i)
      for (Index j = 1; j < 3; ++j) x(0, c, 5 + i, j - 1) = s.z(0, c, i, j);
  Head head(Linear{}, 8, {.score_above = 0.6, .keep_scale = false});
  head.init({.features = maps(s.z)});
  const double before = answer(head, x, {6, 0});
  REQUIRE(before > logit(0.6));
  learn(head, x);
  CHECK(head.distractors() >= 1);
  CHECK(answer(head, x, {6, 0}) < before);
}

TEST_CASE("DistractorAware: is silent while the track is not sure, and refuses options out of range") {
  const Head head(Linear{}, 8);
  CHECK(head.wants({.status = TrackStatus::tracking}));
  CHECK_FALSE(head.wants({.status = TrackStatus::uncertain}));
  CHECK_FALSE(head.wants({.status = TrackStatus::lost}));
  CHECK_THROWS_AS(Head(Linear{}, 8, {.amount = 1}), Error);
  CHECK_THROWS_AS(Head(Linear{}, 8, {.forgetting = 0.6}), Error);
  CHECK_THROWS_AS(Head(Linear{}, 8, {.apart = 0}), Error);
}

TEST_CASE("DistractorAware, UpdatedTemplate: what is learned online takes no memory") {
  if (!test::allocations_have_owners) {
    MESSAGE("skipped: a sanitizer's malloc does not say who asks for memory");
    return;
  }
  const Scene s;
  const std::vector<Crop> crops{crop};
  const std::vector<Box> boxes{target_box};
  const auto frames = [&](auto& head) {
    for (int frame = 0; frame < 3; ++frame) {
      head.respond(maps(s.x));
      head.update({maps(s.x), crops, boxes, 0}, {});
    }
  };
  Head aware(Linear{}, 8, {.amount = 0.1, .score_above = 0.6});
  aware.init({.features = maps(s.z)});
  frames(aware);
  CHECK(test::allocations([&] { frames(aware); }).all() == 0);
  CHECK(aware.distractors() > 6);  // in the last three frames, too

  UpdatedTemplate<SiameseHead<Linear, channels>, nn::LinearTemplate> updated(nn::LinearTemplate(0.1), Linear{}, 8.0);
  updated.init({.features = maps(s.z)});
  const auto small = random_tensor<4>({1, channels, 3, 3}, 5);
  const auto go_on = [&] {
    updated.update({maps(small), crops, boxes, 0}, {});
    updated.respond(maps(s.x));
  };
  go_on();
  CHECK(test::allocations(go_on).all() == 0);
}
