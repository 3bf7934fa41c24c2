// SPDX-License-Identifier: MIT
#include <pursuit/core/random.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/kernels/reference/upsample.hpp>
#include <pursuit/kernels/upsample.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <doctest/doctest.h>

using namespace pursuit;

TEST_CASE("upsample_bicubic: agrees with the plain loop over odd sizes") {
  Random random(1);
  const std::array<Shape<4>, 9> sizes{{{17, 17, 272, 272},
                                       {1, 1, 3, 5},
                                       {1, 7, 4, 9},
                                       {5, 1, 11, 2},
                                       {2, 3, 31, 37},
                                       {13, 6, 13, 6},
                                       {9, 8, 5, 3},
                                       {3, 4, 2, 1030},  // more columns than two strips
                                       {23, 19, 40, 97}}};
  for (const auto& size : sizes) {
    const Index h = size[0], w = size[1], height = size[2], width = size[3];
    auto x = make_tensor<float, 2>({h, w}), y = make_tensor<float, 2>({height, width});
    for (float& v : x) v = static_cast<float>(random.uniform(-1, 1));
    auto exact_x = make_tensor<double, 2>({h, w}), exact_y = make_tensor<double, 2>({height, width});
    std::copy(x.begin(), x.end(), exact_x.begin());
    kernels::upsample_bicubic(x, y);
    kernels::reference::upsample_bicubic<double>(exact_x, exact_y);
    double worst = 0;
    for (std::size_t k = 0; k < y.size(); ++k)
      worst = std::max(worst, std::abs(static_cast<double>(y.data()[k]) - exact_y.data()[k]));
    INFO(h, "x", w, " to ", height, "x", width);
    // A coordinate in float is off by up to 2^-24 of the map's size, which moves a weight by about as much.
    CHECK(worst < 3e-7 * static_cast<double>(std::max(h, w) + 4));
  }
}

TEST_CASE("upsample_bicubic: gives what cv::resize gives") {
  // cv::resize(INTER_CUBIC) of OpenCV 4.6, 3 x 2 to 5 x 4.
  const std::vector<float> x{0, 1, -2, 3, 0.5F, 7};
  const std::vector<float> expected{-0.44784418F, 0.5029608F,  1.0527344F,  -1.2978836F, -3.333406F,
                                    0.65981245F,  0.82104689F, 0.88671875F, 0.38285914F, -0.042312145F,
                                    2.4841881F,   1.3449533F,  0.61328125F, 3.1511409F,  5.3783126F,
                                    3.5918446F,   1.6630394F,  0.44726562F, 4.8318839F,  8.6694069F};
  std::vector<float> y(20);
  kernels::upsample_bicubic(TensorView<const float, 2>(x.data(), {2, 3}), TensorView<float, 2>(y.data(), {4, 5}));
  for (std::size_t k = 0; k < y.size(); ++k) CHECK(y[k] == doctest::Approx(expected[k]).epsilon(1e-6));
}

TEST_CASE("upsample_bicubic: a constant stays, the same size changes nothing") {
  auto x = make_tensor<float, 2>({6, 5}, 3.25F), y = make_tensor<float, 2>({33, 47});
  kernels::upsample_bicubic(x, y);
  for (const float v : y) CHECK(v == doctest::Approx(3.25).epsilon(1e-6));
  for (std::size_t k = 0; k < x.size(); ++k) x.data()[k] = static_cast<float>(k * k);
  auto same = make_tensor<float, 2>({6, 5});
  kernels::upsample_bicubic(x, same);
  CHECK(std::equal(x.begin(), x.end(), same.begin()));
}

TEST_CASE("upsample_bicubic: an empty map is an error") {
  auto x = make_tensor<float, 2>({0, 5}), y = make_tensor<float, 2>({3, 3});
  CHECK_THROWS_AS(kernels::upsample_bicubic(x, y), ShapeError);
}
