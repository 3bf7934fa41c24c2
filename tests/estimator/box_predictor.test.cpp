// SPDX-License-Identifier: MIT
#include <pursuit/check/gradient.hpp>
#include <pursuit/core/random.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/estimator/box_predictor.hpp>
#include <pursuit/nn/parameters.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <vector>

using namespace pursuit;

namespace {

constexpr BoxHeadShape thin{.fine = 4, .coarse = 4, .width = 12};  // not a whole number of blocks

template <class T>
BoxHeadLayers<T> noisy_layers() {
  BoxHeadLayers<T> layers(thin);
  nn::visit_tensors(layers, [](const std::string& name, auto& tensor) {
    Random random = Random(3).fork(name);
    const bool positive = name.ends_with("running_var");
    const double reach = 3 / std::sqrt(static_cast<double>(tensor.size()) / static_cast<double>(tensor.shape()[0]));
    for (auto& v : tensor) v = static_cast<T>(positive ? random.uniform(0.5, 2) : random.uniform(-reach, reach));
  });
  return layers;
}

template <class T>
struct Predictor {
  Predictor() : predictor(noisy_layers<T>()) {
    Random random(9);
    // The same map for every T, whose blocks are of different sizes.
    const auto fill = [&](AlignedVector<T>& numbers, Index cells) {
      constexpr Index block = BoxPredictor<T>::block;
      numbers.assign(static_cast<std::size_t>((12 + block - 1) / block * block * cells), T(0));
      for (Index c = 0; c < 12; ++c)
        for (Index i = 0; i < cells; ++i)
          numbers[static_cast<std::size_t>((c / block * cells + i) * block + c % block)] =
              static_cast<T>(random.uniform(-1, 1));
    };
    fill(fine_cells, 12 * 10);
    fill(coarse_cells, 9 * 8);
    std::vector<T> modulation(12);
    for (T& v : modulation) v = static_cast<T>(random.uniform(0, 2));
    predictor.condition(modulation, modulation);
    fine = {fine_cells.data(), 12, 10, 3, 2, 8};
    coarse = {coarse_cells.data(), 9, 8, 0, 0, 16};
  }

  double answer(std::span<const double> boxes) {
    const auto n = static_cast<Index>(boxes.size() / 4);
    std::vector<double> answers(static_cast<std::size_t>(n));
    predictor.forward(fine, coarse, {boxes.data(), {n, 4}}, {answers.data(), {n, 1}});
    double sum = 0;
    for (const double a : answers) sum += a;
    return sum;
  }
  void gradient(std::span<const double> boxes, std::span<double> d) {
    answer(boxes);
    predictor.backward({d.data(), {static_cast<Index>(boxes.size() / 4), 4}});
  }

  BoxPredictor<T> predictor;
  AlignedVector<T> fine_cells, coarse_cells;
  typename BoxPredictor<T>::Level fine, coarse;
};

// x, y, w, h in pixels of the patch; cell (3, 2) of the fine map is the first that is known.
const std::vector<double> boxes{30.3, 40.7, 35.1, 28.9, 17.2, 26.1, 61.3, 55.2, 60.4, 55.5, 9.3, 40.2};

}  // namespace

TEST_CASE("BoxPredictor: the gradient of predicted overlaps for boxes agrees with differences") {
  Predictor<double> p;
  const auto value = [&](std::span<const double> x) { return p.answer(x); };
  const auto hand = check::gradient(value, [&](std::span<const double> x, std::span<double> d) { p.gradient(x, d); },
                                    boxes, {.typical = 1});
  INFO(hand);
  CHECK(hand.worst < 1e-7);
  const auto slip = check::gradient(value,
                                    [&](std::span<const double> x, std::span<double> d) {
                                      p.gradient(x, d);
                                      for (std::size_t i = 0; i < d.size(); i += 4)
                                        d[i] -= d[i + 2];  // x2 = x + w forgotten
                                    },
                                    boxes, {.typical = 1});
  CHECK(slip.worst > 1e-2);
}

TEST_CASE("BoxPredictor: float agrees with double") {
  Predictor<double> exact;
  Predictor<float> fast;
  CHECK(fast.answer(boxes) == doctest::Approx(exact.answer(boxes)).epsilon(1e-5));
  std::vector<double> a(12), b(12);
  exact.gradient(boxes, a);
  fast.gradient(boxes, b);
  double largest = 0;
  for (const double v : a) largest = std::max(largest, std::abs(v));
  for (std::size_t i = 0; i < 12; ++i) CHECK(std::abs(a[i] - b[i]) < 1e-5 * largest);
}

TEST_CASE("BoxPredictor: boxes do not disturb each other") {
  Predictor<float> p;
  double sum = 0;
  for (std::size_t r = 0; r < 3; ++r) sum += p.answer(std::span<const double>(boxes).subspan(4 * r, 4));
  CHECK(p.answer(boxes) == doctest::Approx(sum).epsilon(1e-6));
}

TEST_CASE("BoxPredictor: a modulation of another length is an error") {
  Predictor<float> p;
  const std::vector<float> short_one(11);
  CHECK_THROWS_AS(p.predictor.condition(short_one, short_one), ShapeError);
}
