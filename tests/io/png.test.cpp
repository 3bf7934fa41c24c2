// SPDX-License-Identifier: MIT
#include <pursuit/io/png.hpp>

#include "../support/golden_images.hpp"

#include <doctest/doctest.h>

#include <zlib.h>

using namespace pursuit;

namespace {

std::string refusal(const std::vector<std::uint8_t>& bytes, const ImageLimits& limits = {}) {
  return test::message_of<Error>([&] {
    Image image;
    decode_png(bytes, image, limits);
  });
}

}  // namespace

TEST_CASE("decode_png: pixels are those that OpenCV reads, bit for bit, whatever the kind of file") {
  const auto images = test::golden_images(".png");
  REQUIRE(images.size() == 11);
  Image image;
  for (const auto& golden : images) {
    CAPTURE(golden.name);
    decode_png(golden.bytes, image);
    CHECK(image.width() == golden.width);
    CHECK(image.height() == golden.height);
    CHECK(image.channels() == golden.channels);
    if (golden.channels == 1) CHECK(test::hash_of(image) == golden.stored);
    decode_png(golden.bytes, image, {}, PixelOrder::bgr);
    CHECK(test::hash_of(image) == golden.bgr);
  }
}

TEST_CASE("decode_png: rgb is bgr the other way round, and memory is kept where the size stays") {
  const auto bytes = test::golden_bytes("rgb.png");
  Image rgb, bgr;
  decode_png(bytes, rgb, {}, PixelOrder::rgb);
  decode_png(bytes, bgr, {}, PixelOrder::bgr);
  for (int y = 0; y < rgb.height(); ++y)
    for (int x = 0; x < rgb.width(); ++x)
      for (int c = 0; c < 3; ++c) REQUIRE(rgb.at(x, y)[c] == bgr.at(x, y)[2 - c]);
  const std::uint8_t* pixels = rgb.data();
  decode_png(bytes, rgb, {}, PixelOrder::rgb);
  CHECK(rgb.data() == pixels);
}

TEST_CASE("decode_png: a file cut anywhere is refused") {
  for (const char* name : {"rgb.png", "palette.png", "grey1.png", "interlaced.png"}) {
    CAPTURE(name);
    const auto whole = test::golden_bytes(name);
    REQUIRE(refusal(whole).empty());
    for (std::size_t size = 0; size < whole.size(); size += size < 50 ? 1 : 17) {
      CAPTURE(size);
      CHECK_FALSE(refusal({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}).empty());
    }
  }
}

TEST_CASE("decode_png: damaged pixels are refused") {
  const auto whole = test::golden_bytes("rgb.png");
  for (std::size_t at = 60; at + 20 < whole.size(); at += 29) {
    CAPTURE(at);
    auto bytes = whole;
    bytes[at] = static_cast<std::uint8_t>(bytes[at] ^ 0x55);
    CHECK_FALSE(refusal(bytes).empty());  // the checksum of its chunk
  }
}

TEST_CASE("decode_png: messages say what came and what is needed") {
  CHECK(refusal({}) == "not a PNG file");
  const auto bytes = test::golden_bytes("rgb.png");
  CHECK(refusal(bytes, {.max_pixels = 1000}) == "picture of 37x29 pixels: the limit is 1000 pixels");
  CHECK(test::contains(refusal(bytes, {.max_bytes = 100}), "the limit is 100 bytes"));
  Image image;
  CHECK_THROWS_WITH(decode_png(bytes, image, {}, PixelOrder::grey), "PNG in colour: need grey");
  auto wide = bytes;
  wide[18] = 0x80, wide[19] = 0;  // 32768 pixels, with the checksum of the header's chunk
  const auto crc = static_cast<std::uint32_t>(::crc32_z(0, wide.data() + 12, 17));
  for (std::size_t i = 0; i < 4; ++i) wide[29 + i] = static_cast<std::uint8_t>(crc >> (24 - 8 * i));
  CHECK(refusal(wide) == "picture of 32768x29 pixels: need 1 to 32767 each way");
}

TEST_CASE("decode_png: a short file that claims a huge picture costs no memory") {
  // Signature and IHDR of 8192 x 8192 RGB with its checksum, then an IDAT that promises data.
  const std::vector<std::uint8_t> bytes{0x89, 'P',  'N',  'G',  0x0D, 0x0A, 0x1A, 0x0A, 0,    0,   0,   13,  'I', 'H',
                                        'D',  'R',  0,    0,    0x20, 0,    0,    0,    0x20, 0,   8,   2,   0,   0,
                                        0,    0xFD, 0xC8, 0x5D, 0x0E, 0,    0,    0x10, 0,    'I', 'D', 'A', 'T', 0};
  const std::string message = refusal(bytes);
  CAPTURE(message);
  CHECK(test::contains(message, "bytes cannot hold a picture of 8192x8192"));
}

TEST_CASE("encode_png: what comes back is the same") {
  for (const PixelOrder order : {PixelOrder::grey, PixelOrder::rgb, PixelOrder::bgr})
    for (const int width : {1, 2, 37}) {
      const Image image = test::waves(width, 11, order);
      Image back;
      decode_png(encode_png(image), back, {}, order);
      CHECK(test::hash_of(back) == test::hash_of(image));
    }
  const Image large = test::waves(50, 40, PixelOrder::rgb);
  const ImageView region = subview(large, 5, 6, 31, 17);
  Image back;
  decode_png(encode_png(region), back);
  CHECK(test::hash_of(back) == test::hash_of(region));
  CHECK_THROWS_AS(encode_png(ImageView{}), Error);
  ImageView far = large;
  far.height = 1;  // no row of it is out of reach
  far.row_stride = std::ptrdiff_t{1} << 32;
  CHECK_THROWS_AS(encode_png(far), Error);
}
