// SPDX-License-Identifier: MIT
#include <pursuit/core/image.hpp>
#include <pursuit/core/random.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/kernels/crop.hpp>
#include <pursuit/kernels/reference/crop.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

using namespace pursuit;

namespace {

struct Frame {
  std::vector<std::uint8_t> bytes;
  ImageView view;

  Frame(Random& random, int width, int height, int channels, PixelOrder order) {
    const auto stride = static_cast<std::ptrdiff_t>(width * channels) + static_cast<std::ptrdiff_t>(random.below(5));
    bytes.resize(static_cast<std::size_t>(stride * height));
    for (auto& b : bytes) b = static_cast<std::uint8_t>(random.below(256));
    view = {bytes.data(), width, height, channels, stride, order};
  }
};

int whole(Random& random, int low, int high) {
  return low + static_cast<int>(random.below(static_cast<std::uint64_t>(high - low + 1)));
}

Crop random_crop(Random& random, int width, int height, Rounding rounding) {
  const int x = whole(random, -40, 60), y = whole(random, -40, 40);
  Crop c = resized({x, y, x + whole(random, 0, 100), y + whole(random, 0, 100)}, width, height);
  if (rounding == Rounding::none && random.below(2) == 0)
    c = corner_aligned({random.uniform(-20, 90), random.uniform(-20, 70)}, random.uniform(0, 200),
                       random.uniform(0, 200), width, height);
  c.border = random.below(2) == 0 ? Border::constant : Border::replicate;
  c.colour = {12.5F, 100.25F, 300.0F};
  c.rounding = rounding;
  return c;
}

Tensor<float, 3> cut(const ImageView& frame, const Crop& c, const PixelFormat& format) {
  auto patch = make_tensor<float, 3>({format.channels(), c.height, c.width}, -1.0F);
  kernels::crop(frame, c, format, patch);
  return patch;
}

// The largest difference to the plain loop over random frames, sizes, formats and borders.
double worst_difference(Rounding rounding, int cases) {
  Random random(rounding == Rounding::none ? 1 : 2);
  double worst = 0;
  for (int i = 0; i < cases; ++i) {
    const int channels = random.below(4) == 0 ? 1 : 3;
    const Frame frame(random, whole(random, 1, 80), whole(random, 1, 60), channels,
                      random.below(2) == 0 ? PixelOrder::rgb : PixelOrder::bgr);
    const Crop c = random_crop(random, whole(random, 1, i % 8 == 0 ? 300 : 37), whole(random, 1, 23), rounding);
    const PixelFormat format{static_cast<PixelOrder>(random.below(3)), {1, 2, 3}, {0.5F, 0.25F, 2.0F}};
    const auto patch = cut(frame.view, c, format);
    auto plain = make_tensor<float, 3>({format.channels(), c.height, c.width});
    kernels::reference::crop(frame.view, c, format, plain);
    for (std::size_t k = 0; k < patch.size(); ++k)
      worst = std::max(worst, static_cast<double>(std::abs(patch.data()[k] - plain.data()[k])));
  }
  return worst;
}

}  // namespace

TEST_CASE("crop: agrees with the plain loop over odd sizes, borders and formats") {
  // Values reach 300, times 2; both blend in float in another order: a few units of 2^-24 each.
  CHECK(worst_difference(Rounding::none, 200) < 2e-4);
}

TEST_CASE("crop: 8-bit rounding agrees with the plain loop to the last bit") {
  // Only a grey conversion is in float, and both compute it alike up to a fused multiplication.
  CHECK(worst_difference(Rounding::u8, 200) < 2e-5 * 300);
}

TEST_CASE("crop: 8-bit rounding gives the bytes of cv::resize") {
  // cv::resize(INTER_LINEAR) of OpenCV 4.6 on this 3 x 2 picture; any of its roundings done differently shows.
  const std::uint8_t picture[] = {0, 100, 255, 7, 50, 201};
  const ImageView frame = packed_view(picture, 3, 2, PixelOrder::grey);
  Crop c = resized({0, 0, 2, 1}, 5, 3);
  c.rounding = Rounding::u8;
  const auto patch = cut(frame, c, {.order = PixelOrder::grey});
  const std::vector<float> expected{0, 40, 100, 193, 255, 4, 32, 75, 167, 228, 7, 24, 50, 140, 201};
  CHECK(std::equal(patch.begin(), patch.end(), expected.begin(), expected.end()));
}

TEST_CASE("crop: whole steps from whole pixels copy the frame") {
  Random random(3);
  const Frame frame(random, 31, 17, 3, PixelOrder::bgr);
  Crop c{.width = 7, .height = 5, .x = 4, .y = 6};
  const auto patch = cut(frame.view, c, {.order = PixelOrder::rgb});
  for (int k = 0; k < 3; ++k)
    for (int v = 0; v < 5; ++v)
      for (int u = 0; u < 7; ++u) CHECK(patch(k, v, u) == frame.view.row(6 + v)[(4 + u) * 3 + (2 - k)]);
}

TEST_CASE("crop: a linear ramp is sampled exactly where the crop says") {
  Image frame(200, 120, PixelOrder::grey);
  for (int y = 0; y < 120; ++y)
    for (int x = 0; x < 200; ++x) *frame.at(x, y) = static_cast<std::uint8_t>(x + y / 2);
  Crop c{.width = 33, .height = 21, .x = 10.3, .y = 20, .step_x = 2.7, .step_y = 2};
  const auto patch = cut(frame, c, {.order = PixelOrder::grey});
  for (int v = 0; v < 21; ++v)
    for (int u = 0; u < 33; ++u) CHECK(patch(0, v, u) == doctest::Approx(10.3 + 2.7 * u + 10 + v).epsilon(1e-6));
}

TEST_CASE("crop: the border shows its colour, or repeats the frame's rim") {
  const std::uint8_t picture[] = {10, 20, 30, 40, 50, 60};  // 2 x 1
  const ImageView frame = packed_view(picture, 2, 1, PixelOrder::rgb);
  Crop c{.width = 5, .height = 3, .x = -2, .y = -1};
  c.colour = {1.5F, 2, 3};
  const auto constant = cut(frame, c, {});
  CHECK(constant(0, 0, 2) == 1.5F);
  CHECK(constant(0, 1, 1) == 1.5F);
  CHECK(constant(0, 1, 2) == 10);
  CHECK(constant(1, 1, 3) == 50);
  CHECK(constant(2, 1, 4) == 3);
  c.border = Border::replicate;
  const auto replicated = cut(frame, c, {});
  CHECK(replicated(0, 0, 0) == 10);
  CHECK(replicated(1, 2, 4) == 50);
  c.rounding = Rounding::u8;
  c.border = Border::constant;
  CHECK(cut(frame, c, {})(0, 0, 0) == 2);  // a byte: 1.5 rounded to even
}

TEST_CASE("crop: a thinned frame is the frame that has only these pixels") {
  Random random(9);
  double worst = 0;
  for (int i = 0; i < 60; ++i) {
    const Frame frame(random, whole(random, 4, 80), whole(random, 4, 60), i % 4 == 0 ? 1 : 3, PixelOrder::rgb);
    const int every = whole(random, 2, 4), left = whole(random, 0, every - 1), top = whole(random, 0, every - 1);
    const int width = (frame.view.width - 1 - left) / every + 1, height = (frame.view.height - 1 - top) / every + 1;
    std::vector<std::uint8_t> bytes;
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x)
        for (int k = 0; k < frame.view.channels; ++k)
          bytes.push_back(frame.view.row(top + y * every)[(left + x * every) * frame.view.channels + k]);
    const ImageView thinned{bytes.data(), width, height, frame.view.channels, width * frame.view.channels};
    Crop c = random_crop(random, whole(random, 1, 37), whole(random, 1, 23), Rounding::none);
    c.border = Border::replicate;
    const PixelFormat format{PixelOrder::rgb, {1, 2, 3}, {0.5F, 0.25F, 2.0F}};
    const auto expected = cut(thinned, c, format);
    c.x = left + every * c.x;
    c.y = top + every * c.y;
    c.step_x *= every;
    c.step_y *= every;
    const auto over = [every](int v, int phase) { return std::abs(v) > 1 << 20 ? v : phase + every * v; };
    c.window = {over(c.window.x0, left), over(c.window.y0, top), over(c.window.x1, left), over(c.window.y1, top)};
    c.every = every;
    c.phase = {left, top};
    const auto patch = cut(frame.view, c, format);
    auto plain = make_tensor<float, 3>({3, c.height, c.width});
    kernels::reference::crop(frame.view, c, format, plain);
    for (std::size_t k = 0; k < patch.size(); ++k)
      worst = std::max<double>(
          {worst, std::abs(patch.data()[k] - expected.data()[k]), std::abs(plain.data()[k] - expected.data()[k])});
  }
  // Places are rounded differently: some units of 2^-46, times steps of values up to 510, where floor() agrees.
  CHECK(worst < 2e-4);
}

TEST_CASE("crop: samples do not look past the window") {
  const std::uint8_t picture[] = {0, 100, 200, 0};
  const ImageView frame = packed_view(picture, 4, 1, PixelOrder::grey);
  const auto patch = cut(frame, resized({1, 0, 2, 0}, 4, 1), {.order = PixelOrder::grey});
  CHECK(patch(0, 0, 0) == 100);
  CHECK(patch(0, 0, 1) == 125);
  CHECK(patch(0, 0, 2) == 175);
  CHECK(patch(0, 0, 3) == 200);
}

TEST_CASE("crop: a frame far away or a patch of huge steps is all border") {
  Random random(4);
  const Frame frame(random, 9, 9, 3, PixelOrder::rgb);
  Crop c{.width = 40, .height = 3, .x = 1e300, .y = -1e200, .step_x = 1e290, .step_y = 1};
  c.colour = {1, 2, 3};
  for (const Rounding rounding : {Rounding::none, Rounding::u8}) {
    c.rounding = rounding;
    const auto patch = cut(frame.view, c, {});
    CHECK(patch(0, 0, 0) == 1);
    CHECK(patch(2, 2, 39) == 3);
  }
}

TEST_CASE("crop: one that is not a crop says why") {
  Random random(5);
  const Frame frame(random, 9, 9, 3, PixelOrder::rgb);
  auto patch = make_tensor<float, 3>({3, 4, 4});
  Crop c{.width = 4, .height = 5};
  CHECK_THROWS_AS(kernels::crop(frame.view, c, {}, patch), ShapeError);
  c.height = 4;
  CHECK_THROWS_AS(kernels::crop(frame.view, c, {.order = PixelOrder::grey}, patch), ShapeError);
  c.x = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_AS(kernels::crop(frame.view, c, {}, patch), Error);
  c.x = 0;
  c.step_y = std::numeric_limits<double>::infinity();
  CHECK_THROWS_AS(kernels::crop(frame.view, c, {}, patch), Error);
  c.step_y = 1;
  c.window = {5, 0, 4, 8};
  CHECK_THROWS_AS(kernels::crop(frame.view, c, {}, patch), Error);
}

TEST_CASE("mean_colour: exact over any width and stride") {
  Random random(6);
  for (const auto& [width, height] : {std::pair{1, 1}, {15, 3}, {16, 2}, {17, 5}, {97, 1}, {5000, 2}}) {
    for (const int channels : {1, 3}) {
      Frame frame(random, width, height, channels, PixelOrder::rgb);
      CHECK(kernels::mean_colour(frame.view) == kernels::reference::mean_colour(frame.view));
      std::fill(frame.bytes.begin(), frame.bytes.end(), std::uint8_t{255});  // the largest sums
      CHECK(kernels::mean_colour(frame.view) == std::array<float, 3>{255, 255, 255});
    }
  }
}
