// SPDX-License-Identifier: MIT
#include <pursuit/core/aligned.hpp>
#include <pursuit/core/random.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/kernels/box_pooling.hpp>
#include <pursuit/kernels/reference/pr_roi_pool.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace pursuit;

TEST_CASE_TEMPLATE("BoxPooling: agrees with pooling channel by channel, call after call", T, float, double) {
  constexpr Index lane = kernels::BoxPooling<T>::block, channels = 2 * lane - 3, blocks = 2;
  Random random(7);
  kernels::BoxPooling<T> pooling(3, 4);
  for (const Index count : {4, 9, 1}) {
    const Index h = 6 + count, w = 12 - count / 2, step = blocks * 12 * lane + lane;
    auto x = make_tensor<T, 3>({channels, h, w});
    for (T& v : x) v = static_cast<T>(random.uniform(-1, 1));
    AlignedVector<T> cells(static_cast<std::size_t>(blocks * h * w * lane)), factors(blocks * lane);
    for (T& v : factors) v = static_cast<T>(random.uniform(-1, 1));
    for (Index c = 0; c < channels; ++c)
      for (Index i = 0; i < h * w; ++i)
        cells[static_cast<std::size_t>((c / lane * h * w + i) * lane + c % lane)] = x.data()[c * h * w + i];
    auto boxes = make_tensor<double, 2>({count, 4});
    for (Index r = 0; r < count; ++r)
      for (Index k = 0; k < 2; ++k) {
        boxes(r, k) = random.uniform(-2, 6);
        boxes(r, k + 2) = boxes(r, k) + random.uniform(-0.5, 8);  // some are empty
      }
    AlignedVector<T> y(static_cast<std::size_t>(count * step), T(5)), dy(y.size());
    for (T& v : dy) v = static_cast<T>(random.uniform(-1, 1));
    auto d = make_tensor<double, 2>({count, 4}, 0.5);
    pooling.forward(cells.data(), {blocks, h, w}, boxes, factors.data(), y.data(), step);
    pooling.backward(dy.data(), step, factors.data(), d);

    const Tensor<double, 3> exact_x(x);
    auto expected = make_tensor<double, 4>({count, channels, 3, 4}), upstream = expected;
    kernels::reference::pr_roi_pool<double>(exact_x, boxes, {3, 4, 1}, expected);
    double worst = 0;
    for (Index r = 0; r < count; ++r)
      for (Index c = 0; c < channels; ++c)
        for (Index b = 0; b < 12; ++b) {
          const auto at = static_cast<std::size_t>(r * step + (c / lane * 12 + b) * lane + c % lane);
          const double factor = static_cast<double>(factors[static_cast<std::size_t>(c)]);
          upstream(r, c, b / 4, b % 4) = factor * static_cast<double>(dy[at]);
          worst = std::max(worst, std::abs(static_cast<double>(y[at]) - factor * expected(r, c, b / 4, b % 4)));
        }
    constexpr double epsilon = std::numeric_limits<T>::epsilon();
    CAPTURE(count);
    CHECK(worst < 20 * epsilon);
    auto slopes = make_tensor<double, 2>({count, 4}, 0.5);
    kernels::reference::pr_roi_pool_backward_boxes<double>(exact_x, boxes, {3, 4, 1}, upstream, slopes);
    for (std::size_t i = 0; i < slopes.size(); ++i) CHECK(std::abs(d.data()[i] - slopes.data()[i]) < 1000 * epsilon);
  }
}
