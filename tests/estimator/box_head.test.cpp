// SPDX-License-Identifier: MIT
#include "../backbone/golden_input.hpp"

#include <pursuit/core/random.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/estimator/box_head.hpp>
#include <pursuit/estimator/box_refinement.hpp>

#include <doctest/doctest.h>

#include <support/compiled_networks.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

using namespace pursuit;

namespace {

/// A sixteenth of the published widths.
constexpr BoxHeadShape thin{.fine = 8, .coarse = 16, .width = 16};

/// Uniform numbers, as features() in box_head.py makes them.
Tensor<float, 4> features(std::uint64_t seed, const Shape<4>& shape) {
  auto t = make_tensor<float, 4>(shape);
  Random random(seed);
  for (float& v : t) v = static_cast<float>(random.uniform());
  return t;
}

struct Levels {
  Levels(std::uint64_t seed, const BoxHeadShape& shape, Index height, Index width)
      : fine(features(seed, {1, shape.fine, height, width})),
        coarse(features(seed + 1, {1, shape.coarse, height / 2, width / 2})) {
    maps.add({fine, 8});
    maps.add({coarse, 16});
  }
  Levels(const Levels&) = delete;
  Levels& operator=(const Levels&) = delete;

  Tensor<float, 4> fine, coarse;
  FeatureMaps<> maps;
};

void learn(BoxHead& head, const Levels& levels, const Box& target) {
  const std::vector<Crop> crops(1);
  const std::vector<Box> targets{target};
  head.init({levels.maps, crops, targets, 0}, 2);
}

struct Predicted {
  explicit Predicted(Index boxes, Index outputs)
      : answers(make_tensor<double, 2>({boxes, outputs})), slopes(make_tensor<double, 2>({boxes, 4})) {}
  Tensor<double, 2> answers, slopes;
};

Predicted predict(BoxHead& head, const Levels& levels, const Tensor<double, 2>& boxes) {
  Predicted p(static_cast<Index>(boxes.shape()[0]), head.outputs());
  head.look(levels.maps, 0);
  head.forward(boxes, p.answers);
  head.backward(p.slopes);
  return p;
}

/// The largest difference as a share of the largest expected value.
template <class A, class B>
double difference(const A& a, const B& expected) {
  double worst = 0, largest = 0;
  auto it = expected.begin();
  for (const auto v : a) {
    worst = std::max<double>(worst, std::abs(static_cast<double>(v) - static_cast<double>(*it)));
    largest = std::max<double>(largest, std::abs(static_cast<double>(*it)));
    ++it;
  }
  return worst / largest;
}

}  // namespace

TEST_CASE("BoxHead: modulation, overlaps and their gradients are those of the public IoU-Net") {
  const Weights file = golden("iou_net.safetensors");
  BoxHead head(file, thin, "weights.");
  const Levels reference(1, thin, 22, 26), searched(3, thin, 22, 26);
  const auto target = file.get<1>("target", {4});
  learn(head, reference, {target(0), target(1), target(2), target(3)});
  // Sums of some thousand products in float, five layers deep.
  CHECK(difference(head.modulation(0), file.get<1>("modulation.fine", {16})) < 1e-5);
  CHECK(difference(head.modulation(1), file.get<1>("modulation.coarse", {16})) < 1e-5);

  const Tensor<double, 2> boxes(file.get<2>("boxes", {8, 4}));
  const auto answers = file.get<2>("answers", {8, 1}), gradient = file.get<2>("gradient", {8, 4});
  const Predicted all = predict(head, searched, boxes);
  CHECK(difference(all.answers, answers) < 1e-5);
  CHECK(difference(all.slopes, gradient) < 1e-5);

  // One box needs a window only. It is far from some borders of the map and near others.
  for (Index r = 0; r < 8; ++r) {
    CAPTURE(r);
    auto one = make_tensor<double, 2>({1, 4});
    for (Index k = 0; k < 4; ++k) one(0, k) = boxes(r, k);
    const Predicted alone = predict(head, searched, one);
    CHECK(std::abs(alone.answers(0, 0) - static_cast<double>(answers(r, 0))) < 1e-5);
    for (Index k = 0; k < 4; ++k) CHECK(std::abs(alone.slopes(0, k) - static_cast<double>(gradient(r, k))) < 1e-6);
  }
}

TEST_CASE("BoxHead: in bf16 the answers are near those of floats") {
  const Weights file = golden("iou_net.safetensors");
  BoxHead head(file, thin, "weights.", Precision::bf16);
  const Levels reference(1, thin, 22, 26), searched(3, thin, 22, 26);
  const auto target = file.get<1>("target", {4});
  learn(head, reference, {target(0), target(1), target(2), target(3)});
  const double off = difference(head.modulation(0), file.get<1>("modulation.fine", {16}));
  CHECK(off < 2e-2);
  CHECK(off > 1e-5);  // it is bf16
  const Predicted all = predict(head, searched, Tensor<double, 2>(file.get<2>("boxes", {8, 4})));
  CHECK(difference(all.answers, file.get<2>("answers", {8, 1})) < 2e-2);
}

TEST_CASE("BoxHead: boxes climb the overlap as ATOM's do") {
  const Weights file = golden("iou_net.safetensors");
  BoxHead head(file, thin, "weights.");
  const Levels reference(1, thin, 22, 26), searched(3, thin, 22, 26);
  const auto target = file.get<1>("target", {4});
  learn(head, reference, {target(0), target(1), target(2), target(3)});
  using Space = BoxRefinement::Space;
  const BoxRefinement::Options alone{.jittered = 0, .best = 1};
  const auto with = [&](Space space, double position, double size, double decay) {
    BoxRefinement::Options o = alone;
    o.space = space;
    o.step_position = position;
    o.step_size = size;
    o.step_decay = decay;
    return o;
  };
  const std::array<std::pair<std::string, BoxRefinement::Options>, 4> kinds{
      {{"absolute", with(Space::absolute, 4, 4, 1)},
       {"relative", with(Space::relative, 0.02, 0.3, 1)},
       {"absolute.decay", with(Space::absolute, 25, 25, 0.5)},
       {"relative.decay", with(Space::relative, 0.1, 1.5, 0.5)}}};
  const std::array<Box, 3> start{{{60, 50, 55, 48}, {61.5, 40.25, 70, 30}, {100, 60, 43.5, 54}}};
  for (const auto& kind : kinds) {
    const std::string& name = kind.first;
    const auto boxes = file.get<2>("refined." + name, {3, 4});
    for (std::size_t r = 0; r < 3; ++r) {
      BoxRefinement refinement(kind.second);
      Random random;
      head.look(searched.maps, 0);
      const auto box = refinement.refine(start[r], random, [&](const auto& at, const auto& overlaps, const auto& d) {
        head.forward(at, overlaps);
        head.backward(d);
      });
      CAPTURE(name);
      CAPTURE(r);
      REQUIRE(box.has_value());
      // Boxes of the public code are floats; five steps of up to tens of pixels.
      CHECK(std::abs(box->x - static_cast<double>(boxes(r, 0))) < 1e-3);
      CHECK(std::abs(box->y - static_cast<double>(boxes(r, 1))) < 1e-3);
      CHECK(std::abs(box->w - static_cast<double>(boxes(r, 2))) < 1e-3);
      CHECK(std::abs(box->h - static_cast<double>(boxes(r, 3))) < 1e-3);
    }
  }
}

TEST_CASE("BoxHead: modulation and answers are those of the public regression head") {
  const Weights file = golden("box_regressor.safetensors");
  BoxHeadShape shape = thin;
  shape.outputs = 4;
  BoxHead head(file, shape, "weights.");
  const Levels reference(1, thin, 22, 26), searched(3, thin, 22, 26);
  const auto target = file.get<1>("target", {4});
  learn(head, reference, {target(0), target(1), target(2), target(3)});
  CHECK(difference(head.modulation(0), file.get<1>("modulation.fine", {16})) < 1e-5);
  CHECK(difference(head.modulation(1), file.get<1>("modulation.coarse", {16})) < 1e-5);
  const Predicted all = predict(head, searched, Tensor<double, 2>(file.get<2>("boxes", {8, 4})));
  CHECK(difference(all.answers, file.get<2>("answers", {8, 4})) < 1e-5);
}

TEST_CASE("BoxHead: which window is computed does not matter") {
  BoxHead head(Weights::random(3), thin, "");
  const Levels levels(3, thin, 40, 36);
  learn(head, levels, {100, 90, 60, 50});
  Random random(4);
  for (int k = 0; k < 40; ++k) {
    auto box = make_tensor<double, 2>({1, 4}), pair = make_tensor<double, 2>({2, 4});
    const std::array<double, 4> at{random.uniform(-40, 280), random.uniform(-40, 320), random.uniform(1, 150),
                                   random.uniform(1, 150)};
    std::copy(at.begin(), at.end(), box.begin());
    std::copy(at.begin(), at.end(), pair.begin());
    // Beside a box as large as the patch the whole map is known.
    pair(1, 2) = 288;
    pair(1, 3) = 320;
    const Predicted alone = predict(head, levels, box), whole = predict(head, levels, pair);
    CAPTURE(k);
    // Winograd's tiles begin elsewhere, so rounding differs.
    CHECK(std::abs(alone.answers(0, 0) - whole.answers(0, 0)) < 1e-5);
    for (Index i = 0; i < 4; ++i) CHECK(std::abs(alone.slopes(0, i) - whole.slopes(0, i)) < 1e-6);
  }
}

TEST_CASE("BoxHead: boxes that leave the window get another one") {
  BoxHead head(Weights::random(3), thin, "");
  const Levels levels(3, thin, 40, 36);
  learn(head, levels, {100, 90, 60, 50});
  auto here = make_tensor<double, 2>({1, 4}), there = here;
  here(0, 0) = here(0, 1) = 40;
  there(0, 0) = there(0, 1) = 200;
  here(0, 2) = here(0, 3) = there(0, 2) = there(0, 3) = 30;
  const double expected = predict(head, levels, there).answers(0, 0);
  auto answer = make_tensor<double, 2>({1, 1});
  head.look(levels.maps, 0);
  head.forward(here, answer);
  head.forward(there, answer);
  CHECK(answer(0, 0) == doctest::Approx(expected).epsilon(1e-5));
}

TEST_CASE("BoxHead: a copy learns a target of its own") {
  BoxHead head(Weights::random(3), thin, "");
  const Levels levels(3, thin, 24, 24);
  learn(head, levels, {100, 90, 60, 50});
  auto box = make_tensor<double, 2>({1, 4}, 60.0);
  const double before = predict(head, levels, box).answers(0, 0);
  BoxHead other = head;
  CHECK(predict(other, levels, box).answers(0, 0) == before);
  learn(other, levels, {10, 20, 90, 120});
  CHECK(predict(other, levels, box).answers(0, 0) != before);
  CHECK(predict(head, levels, box).answers(0, 0) == before);
}

TEST_CASE("BoxHead: features that are not its own are errors") {
  BoxHead head(Weights::random(3), thin, "");
  const Levels levels(3, {.fine = 16, .coarse = 16}, 24, 24);
  CHECK_THROWS_AS(learn(head, levels, {100, 90, 60, 50}), ShapeError);
  FeatureMaps<> one;
  one.add(levels.maps.level[0]);
  CHECK_THROWS_AS(head.look(one, 0), ShapeError);
  CHECK_THROWS_AS(BoxHead(Weights{}, thin, ""), FileError);
}
