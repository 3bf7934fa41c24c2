// SPDX-License-Identifier: MIT
#include "../backbone/golden_input.hpp"

#include <pursuit/core/random.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/kernels/pr_roi_pool.hpp>
#include <pursuit/kernels/reference/roi_align.hpp>
#include <pursuit/kernels/roi_align.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

using namespace pursuit;
using kernels::RoiAlignOptions;

namespace {

template <class T, std::size_t N>
Tensor<T, N> noise(std::uint64_t seed, const Shape<N>& shape) {
  auto t = make_tensor<T, N>(shape);
  Random random(seed);
  for (T& v : t) v = static_cast<T>(random.uniform());
  return t;
}

template <class A, class B>
double difference(const A& a, const B& b) {
  double worst = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    worst = std::max(worst, std::abs(static_cast<double>(a.data()[i]) - static_cast<double>(b.data()[i])));
  return worst;
}

}  // namespace

TEST_CASE("roi_align: gives what torchvision gives, forth and back") {
  const Weights file = golden("roi.safetensors");
  const auto x = noise<double, 3>(11, {2, 9, 7});
  const auto dy = noise<double, 4>(13, {6, 2, 3, 2});
  const Tensor<double, 2> boxes(file.get<2>("boxes", {6, 4}));
  for (const bool aligned : {false, true})
    for (const int samples : {0, 2}) {
      const RoiAlignOptions options{{3, 2, 0.125}, samples, aligned};
      auto y = make_tensor<double, 4>({6, 2, 3, 2});
      auto dx = make_tensor<double, 3>({2, 9, 7});
      kernels::roi_align<double>(x, boxes, options, y);
      kernels::roi_align_backward<double>(boxes, options, dy, dx);
      const std::string name = concat("align.", aligned ? 1 : 0, ".", samples);
      CAPTURE(name);
      // The file's boxes are rounded to float.
      CHECK(difference(y, file.get<4>(name + ".y", {6, 2, 3, 2})) < 5e-6);
      CHECK(difference(dx, file.get<3>(name + ".dx", {2, 9, 7})) < 5e-6);
    }
}

TEST_CASE_TEMPLATE("roi_align: agrees with the sum over samples", T, float, double) {
  Random random(5);
  for (int k = 0; k < 40; ++k) {
    const RoiAlignOptions options{{1 + k % 4, 1 + k % 3, k % 2 == 0 ? 0.25 : 1}, k % 5, k % 7 < 4};
    const Index h = 4 + static_cast<Index>(random.below(6)), w = 4 + static_cast<Index>(random.below(6));
    const auto x = noise<T, 3>(static_cast<std::uint64_t>(k), {3, h, w});
    auto boxes = make_tensor<T, 2>({5, 4});
    for (Index r = 0; r < 5; ++r)
      for (Index i = 0; i < 2; ++i) {
        const double low = random.uniform(-3, 8), scale = options.bins.scale;
        boxes(r, i) = static_cast<T>(low / scale);
        boxes(r, i + 2) = static_cast<T>((low + random.uniform(0.2, 9)) / scale);
      }
    const Shape<4> shape{5, 3, options.bins.rows, options.bins.columns};
    auto y = make_tensor<T, 4>(shape, T(3)), expected = y;
    kernels::roi_align<T>(x, boxes, options, y);
    kernels::reference::roi_align<T>(x, boxes, options, expected);
    // A coordinate is off by a few roundings of 17, and the surface is steep by 1 at most.
    constexpr double epsilon = std::numeric_limits<T>::epsilon();
    CAPTURE(k);
    CHECK(difference(y, expected) < 100 * epsilon);
    auto dx = make_tensor<T, 3>({3, h, w}, T(0.5)), dx_expected = dx;
    kernels::roi_align_backward<T>(boxes, options, y, dx);
    kernels::reference::roi_align_backward<T>(boxes, options, y, dx_expected);
    CHECK(difference(dx, dx_expected) < 500 * epsilon);
  }
}

TEST_CASE("roi_align: many samples come close to precise pooling inside the map") {
  const auto x = noise<double, 3>(1, {2, 9, 8});
  auto boxes = make_tensor<double, 2>({1, 4});
  boxes(0, 0) = 1.2;
  boxes(0, 1) = 2.3;
  boxes(0, 2) = 6.1;
  boxes(0, 3) = 7.7;
  auto y = make_tensor<double, 4>({1, 2, 3, 3}), precise = y;
  kernels::pr_roi_pool<double>(x, boxes, {3, 3, 1}, precise);
  for (Index k = 0; k < 4; ++k) boxes.data()[k] += 0.5;  // aligned samples are read half a cell before
  kernels::roi_align<double>(x, boxes, {{3, 3, 1}, 200, true}, y);
  CHECK(difference(y, precise) < 1e-4);
}

TEST_CASE("roi_align: boxes that are none give 0, shapes that do not fit are errors") {
  const auto x = noise<float, 3>(1, {2, 5, 6});
  auto boxes = make_tensor<float, 2>({2, 4}, std::numeric_limits<float>::quiet_NaN());
  boxes(1, 0) = boxes(1, 1) = boxes(1, 2) = boxes(1, 3) = 1e30F;
  auto y = make_tensor<float, 4>({2, 2, 2, 2}, 7.0F);
  kernels::roi_align<float>(x, boxes, {{2, 2, 1}}, y);
  for (const float v : y) CHECK(v == 0);
  CHECK_THROWS_AS(kernels::roi_align<float>(x, boxes, {{2, 3, 1}}, y), ShapeError);
  CHECK_THROWS_AS(kernels::roi_align<float>(x, boxes, {{2, 2, 1}, -1}, y), ShapeError);
}
