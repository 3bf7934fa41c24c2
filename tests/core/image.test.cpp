// SPDX-License-Identifier: MIT
#include <pursuit/core/image.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

using pursuit::Error;
using pursuit::Image;
using pursuit::ImageView;
using pursuit::PixelOrder;
using pursuit::PixelType;

namespace {

// Every byte is different from its neighbours in both directions.
Image numbered(int width, int height, PixelOrder order) {
  Image image(width, height, order);
  const int row = width * image.channels();
  for (int i = 0; i < row * height; ++i) image.data()[i] = static_cast<std::uint8_t>(7 * i + i / row);
  return image;
}

bool says(const std::string& message, const char* what) { return message.find(what) != std::string::npos; }

}  // namespace

TEST_CASE("Image: at() and the view's rows name the same bytes") {
  const Image image = numbered(5, 3, PixelOrder::bgr);
  const ImageView view = image;
  CHECK(view.width == 5);
  CHECK(view.height == 3);
  CHECK(view.channels == 3);
  CHECK(view.row_stride == 15);
  CHECK(view.order == PixelOrder::bgr);
  CHECK(image.at(4, 2) == view.row(2) + 12);
  CHECK(*image.at(4, 2) == static_cast<std::uint8_t>(7 * (2 * 15 + 12) + 2));
}

TEST_CASE("ImageView: a region is a view with the same stride") {
  const Image image = numbered(6, 5, PixelOrder::rgb);
  const ImageView part = pursuit::subview(image, 2, 1, 3, 4);
  CHECK(part.row_stride == 18);
  CHECK(pursuit::unreadable(part).empty());
  for (int y = 0; y < 4; ++y)
    for (int x = 0; x < 3; ++x) CHECK(part.row(y)[3 * x] == *image.at(x + 2, y + 1));
}

TEST_CASE("Image: a copy of a strided region is packed and independent") {
  Image image = numbered(6, 5, PixelOrder::grey);
  const Image copy(pursuit::subview(image, 1, 2, 4, 3));
  REQUIRE(copy.width() == 4);
  REQUIRE(copy.height() == 3);
  CHECK(copy.order() == PixelOrder::grey);
  CHECK(copy.view().row_stride == 4);
  for (int y = 0; y < 3; ++y)
    for (int x = 0; x < 4; ++x) CHECK(*copy.at(x, y) == *image.at(x + 1, y + 2));
  *image.at(1, 2) ^= 0xFF;
  CHECK(*copy.at(0, 0) != *image.at(1, 2));
}

TEST_CASE("Image: a view of one channel becomes grey, whatever its order says") {
  const std::vector<std::uint8_t> bytes(12, 9);
  const Image image(ImageView{bytes.data(), 4, 3, 1, 4, PixelOrder::bgr});
  CHECK(image.order() == PixelOrder::grey);
  CHECK(image.channels() == 1);
}

TEST_CASE("ImageView: what cannot be read is named, with what came and what is needed") {
  const std::vector<std::uint8_t> bytes(300, 0);
  const ImageView good = pursuit::packed_view(bytes.data(), 10, 10);
  CHECK(pursuit::unreadable(good).empty());
  CHECK_NOTHROW(pursuit::require_readable(good, "test"));

  ImageView v = good;
  v.data = nullptr;
  CHECK(says(pursuit::unreadable(v), "null"));
  v = good, v.width = 0;
  CHECK(says(pursuit::unreadable(v), "0x10"));
  v = good, v.height = -3;
  CHECK(says(pursuit::unreadable(v), "10x-3"));
  v = good, v.width = std::numeric_limits<int>::max(), v.row_stride = std::numeric_limits<std::ptrdiff_t>::max();
  CHECK(says(pursuit::unreadable(v), "32767"));
  v = good, v.type = PixelType::u16;
  CHECK(says(pursuit::unreadable(v), "16-bit"));
  v = good, v.type = PixelType::f32;
  CHECK(says(pursuit::unreadable(v), "float"));
  for (const int channels : {0, 2, 4, -1}) {
    v = good, v.channels = channels;
    CHECK(says(pursuit::unreadable(v), "channels"));
  }
  v = good, v.order = PixelOrder::grey;
  CHECK(says(pursuit::unreadable(v), "grey"));
  for (const std::ptrdiff_t stride : {29, 0, -30}) {
    v = good, v.row_stride = stride;
    CHECK(says(pursuit::unreadable(v), "need at least 30"));
  }
  CHECK_THROWS_WITH_AS(pursuit::require_readable(v, "Tracker::init"),
                       "Tracker::init: frame's row stride is -30 bytes: need at least 30", Error);
  CHECK_THROWS_AS(Image{v}, Error);
}

TEST_CASE("Image: sizes outside 1 to max_frame_side are refused before memory is asked for") {
  CHECK_THROWS_AS(Image(0, 4, PixelOrder::rgb), Error);
  CHECK_THROWS_AS(Image(4, -1, PixelOrder::rgb), Error);
  CHECK_THROWS_AS(Image(pursuit::max_frame_side + 1, 4, PixelOrder::rgb), Error);
  CHECK_THROWS_AS(Image(4, std::numeric_limits<int>::max(), PixelOrder::rgb), Error);
  CHECK_NOTHROW(Image(pursuit::max_frame_side, 1, PixelOrder::grey));
  CHECK(Image().empty());
}
