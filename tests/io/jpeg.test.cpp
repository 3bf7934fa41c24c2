// SPDX-License-Identifier: MIT
#include <pursuit/io/jpeg.hpp>

#include "../support/golden_images.hpp"

#include <doctest/doctest.h>

#include <cstdlib>

using namespace pursuit;

namespace {

std::string refusal(const std::vector<std::uint8_t>& bytes, const ImageLimits& limits = {}) {
  return test::message_of<Error>([&] {
    Image image;
    JpegDecoder().decode(bytes, image, limits);
  });
}

double mean_difference(const ImageView& a, const ImageView& b) {
  double sum = 0;
  for (int y = 0; y < a.height; ++y)
    for (int i = 0; i < a.width * a.channels; ++i) sum += std::abs(a.row(y)[i] - b.row(y)[i]);
  return sum / (a.width * a.height * a.channels);
}

}  // namespace

TEST_CASE("JpegDecoder: pixels are those that OpenCV reads, bit for bit") {
  const auto images = test::golden_images(".jpg");
  REQUIRE(images.size() == 6);
  JpegDecoder decoder;  // one for all: it starts afresh with each picture
  Image image;
  for (const auto& golden : images) {
    CAPTURE(golden.name);
    decoder.decode(golden.bytes, image);
    CHECK(image.width() == golden.width);
    CHECK(image.height() == golden.height);
    CHECK(image.channels() == golden.channels);
    CHECK((image.order() == PixelOrder::grey) == (golden.channels == 1));
    if (golden.channels == 1) CHECK(test::hash_of(image) == golden.stored);
    decoder.decode(golden.bytes, image, {}, PixelOrder::bgr);
    CHECK(image.order() == PixelOrder::bgr);
    CHECK(test::hash_of(image) == golden.bgr);
  }
}

TEST_CASE("JpegDecoder: channel orders agree") {
  const auto bytes = test::golden_bytes("420.jpg");
  Image rgb, bgr, grey;
  JpegDecoder decoder;
  decoder.decode(bytes, rgb, {}, PixelOrder::rgb);
  decoder.decode(bytes, bgr, {}, PixelOrder::bgr);
  decoder.decode(bytes, grey, {}, PixelOrder::grey);
  int worst = 0;
  for (int y = 0; y < rgb.height(); ++y)
    for (int x = 0; x < rgb.width(); ++x) {
      for (int c = 0; c < 3; ++c) REQUIRE(rgb.at(x, y)[c] == bgr.at(x, y)[2 - c]);
      const double luma = 0.299 * rgb.at(x, y)[0] + 0.587 * rgb.at(x, y)[1] + 0.114 * rgb.at(x, y)[2];
      // Saturated colours are clipped on the way to RGB and lose some luma.
      bool clipped = false;
      for (int c = 0; c < 3; ++c) clipped = clipped || rgb.at(x, y)[c] == 0 || rgb.at(x, y)[c] == 255;
      if (!clipped) worst = std::max(worst, static_cast<int>(std::abs(luma - grey.at(x, y)[0])));
    }
  CHECK(worst <= 1);  // one rounding each way
}

TEST_CASE("JpegDecoder: memory is kept where the size stays") {
  const auto bytes = test::golden_bytes("420.jpg");
  JpegDecoder decoder;
  Image image;
  decoder.decode(bytes, image);
  const std::uint8_t* pixels = image.data();
  decoder.decode(bytes, image);
  CHECK(image.data() == pixels);
}

TEST_CASE("JpegDecoder: a file cut anywhere is refused") {
  for (const char* name : {"420.jpg", "progressive.jpg", "grey.jpg"}) {
    CAPTURE(name);
    const auto whole = test::golden_bytes(name);
    REQUIRE(refusal(whole).empty());
    for (std::size_t size = 0; size < whole.size(); size += size < 4 ? 1 : 13) {
      CAPTURE(size);
      CHECK_FALSE(refusal({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}).empty());
    }
    CHECK_FALSE(refusal({whole.begin(), whole.end() - 2}).empty());
  }
}

TEST_CASE("JpegDecoder: padding between segments does no harm") {
  auto bytes = test::golden_bytes("444.jpg");
  bytes.insert(bytes.end() - 2, 5, 0xAB);  // before the end mark
  Image plain, padded;
  JpegDecoder decoder;
  decoder.decode(test::golden_bytes("444.jpg"), plain);
  decoder.decode(bytes, padded);
  CHECK(test::hash_of(padded) == test::hash_of(plain));
}

TEST_CASE("JpegDecoder: damaged bytes are refused or decoded, never worse") {
  const auto whole = test::golden_bytes("420.jpg");
  JpegDecoder decoder;
  Image image;
  int refused = 0;
  for (std::size_t at = 2; at < whole.size(); ++at) {
    auto bytes = whole;
    bytes[at] = static_cast<std::uint8_t>(bytes[at] ^ 0x55);
    try {
      decoder.decode(bytes, image);
    } catch (const Error&) {
      ++refused;
    }
  }
  CHECK(refused > 0);
  decoder.decode(whole, image, {}, PixelOrder::bgr);  // the decoder survives them all
  CHECK(test::hash_of(image) == test::golden_images("420.jpg").at(0).bgr);
}

TEST_CASE("JpegDecoder: messages say what came and what is needed") {
  CHECK(refusal({}) == "not a JPEG file");
  CHECK(test::contains(refusal(test::golden_bytes("cmyk.jpg")), "CMYK"));
  const auto bytes = test::golden_bytes("420.jpg");
  CHECK(refusal(bytes, {.max_pixels = 37 * 29 - 1}) == "picture of 37x29 pixels: the limit is 1072 pixels");
  CHECK(refusal(bytes, {.max_pixels = 37 * 29}).empty());
  CHECK(test::contains(refusal(bytes, {.max_bytes = 100}), "the limit is 100 bytes"));
}

TEST_CASE("JpegDecoder: a short file that claims a huge picture costs no memory") {
  auto bytes = test::golden_bytes("420.jpg");
  // The frame header: FF C0, length, precision, then height and width.
  std::size_t at = 0;
  while (!(bytes[at] == 0xFF && bytes[at + 1] == 0xC0)) ++at;
  bytes[at + 5] = bytes[at + 7] = 0x20;  // 8221 x 8229
  CHECK(test::contains(refusal(bytes), "bytes cannot hold a picture of"));
  bytes[at + 5] = bytes[at + 7] = 0xFF;
  CHECK(test::contains(refusal(bytes), "need 1 to 32767 each way"));
}

TEST_CASE("encode_jpeg: what comes back is near, and nearer with higher quality") {
  for (const PixelOrder order : {PixelOrder::grey, PixelOrder::rgb, PixelOrder::bgr}) {
    Image smooth(61, 47, order);
    for (int y = 0; y < 47; ++y)
      for (int x = 0; x < 61; ++x)
        for (int c = 0; c < smooth.channels(); ++c) smooth.at(x, y)[c] = static_cast<std::uint8_t>(2 * x + y + 40 * c);
    Image fine, coarse;
    JpegDecoder decoder;
    decoder.decode(encode_jpeg(smooth, 95), fine, {}, order);
    decoder.decode(encode_jpeg(smooth, 30), coarse, {}, order);
    CHECK(mean_difference(fine, smooth) < 1.5);
    CHECK(mean_difference(coarse, smooth) > mean_difference(fine, smooth));
  }
}

TEST_CASE("encode_jpeg: a region of a larger picture is what its copy is") {
  const Image large = test::waves(80, 60, PixelOrder::bgr);
  const ImageView region = subview(large, 11, 7, 33, 21);
  CHECK(encode_jpeg(region) == encode_jpeg(Image(region)));
}

TEST_CASE("encode_jpeg: bad input is refused") {
  CHECK_THROWS_AS(encode_jpeg(ImageView{}), Error);
  const Image image(4, 4, PixelOrder::rgb);
  CHECK_THROWS_AS(encode_jpeg(image, 0), Error);
  CHECK_THROWS_AS(encode_jpeg(image, 101), Error);
  ImageView far = image;
  far.height = 1;  // no row of it is out of reach
  far.row_stride = std::ptrdiff_t{1} << 32;
  CHECK_THROWS_AS(encode_jpeg(far), Error);
}
