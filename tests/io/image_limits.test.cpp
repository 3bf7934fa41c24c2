// SPDX-License-Identifier: MIT
#include <pursuit/io/image_limits.hpp>

#include <doctest/doctest.h>

using namespace pursuit;

TEST_CASE("check_claim: limits of side, pixels and what the bytes can hold are inclusive") {
  const ImageLimits limits{.max_pixels = 1000};
  CHECK_NOTHROW(detail::check_claim(100, 10, 10, 100, limits));
  CHECK_THROWS_AS(detail::check_claim(1001, 1, 1000, 100, limits), Error);
  CHECK_THROWS_AS(detail::check_claim(100, 10, 9, 100, limits), Error);
  CHECK_THROWS_AS(detail::check_claim(0, 10, 10, 100, limits), Error);
  CHECK_THROWS_AS(detail::check_claim(10, -1, 10, 100, limits), Error);
  CHECK_NOTHROW(detail::check_claim(max_frame_side, 1, 1000, 100, {}));
  CHECK_THROWS_AS(detail::check_claim(max_frame_side + 1, 1, 1000, 100, {}), Error);
}

TEST_CASE("reshape: new memory for a new size or order only") {
  Image image;
  detail::reshape(image, 8, 4, PixelOrder::rgb);
  const std::uint8_t* pixels = image.data();
  detail::reshape(image, 8, 4, PixelOrder::rgb);
  CHECK(image.data() == pixels);
  detail::reshape(image, 8, 4, PixelOrder::grey);
  CHECK(image.channels() == 1);
  detail::reshape(image, 4, 8, PixelOrder::grey);
  CHECK(image.width() == 4);
}
