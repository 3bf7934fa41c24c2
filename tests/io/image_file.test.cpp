// SPDX-License-Identifier: MIT
#include <pursuit/io/image_file.hpp>

#include "../support/golden_images.hpp"
#include "../support/temporary_folder.hpp"

#include <doctest/doctest.h>

using namespace pursuit;

TEST_CASE("load_image: the content decides, not the name") {
  const test::TemporaryFolder folder;
  const Image image = test::waves(20, 10, PixelOrder::rgb);
  save_png(folder / "a.jpg", image);
  save_jpeg(folder / "b.png", image);
  CHECK(test::hash_of(load_image(folder / "a.jpg")) == test::hash_of(image));
  CHECK(test::hash_of(load_image(folder / "b.png")) == test::hash_of(decode_image(encode_jpeg(image))));
}

TEST_CASE("load_image: non-ASCII paths") {
  const test::TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / u8"Bild von Zürich 目標.png";
  const Image image = test::waves(5, 4, PixelOrder::grey);
  save_png(file, image);
  CHECK(test::hash_of(load_image(file)) == test::hash_of(image));
}

TEST_CASE("load_image: messages begin with the file") {
  const test::TemporaryFolder folder;
  const auto refusal = [&](const std::string& name, const ImageLimits& limits = {}) {
    const std::string message = test::message_of<FileError>([&] { load_image(folder / name, limits); });
    REQUIRE(message.starts_with((folder / name).string() + ": "));
    return message.substr((folder / name).string().size() + 2);
  };
  CHECK(refusal("missing.jpg") == "No such file or directory");
  test::write_file(folder / "empty.jpg", "");
  CHECK(refusal("empty.jpg") == "the file is empty: need a JPEG or PNG picture");
  test::write_file(folder / "page.jpg", "<!DOCTYPE html><p>404");
  CHECK(refusal("page.jpg") == "neither JPEG nor PNG");
  const auto jpeg = encode_jpeg(test::waves(64, 64, PixelOrder::rgb));
  write_bytes(folder / "cut.jpg", std::span(jpeg).first(jpeg.size() / 2));
  CHECK(test::contains(refusal("cut.jpg"), "JPEG: Premature end"));
  write_bytes(folder / "whole.jpg", jpeg);
  CHECK(test::contains(refusal("whole.jpg", {.max_bytes = 100}), "the limit is 100 bytes"));
  CHECK(test::contains(refusal("whole.jpg", {.max_pixels = 100}), "the limit is 100 pixels"));
  std::filesystem::create_directory(folder / "folder.jpg");
  refusal("folder.jpg");
  CHECK_THROWS_AS(save_png(folder / "no" / "such.png", test::waves(2, 2, PixelOrder::grey)), FileError);
}

TEST_CASE("ImageReader: a good picture after a bad one; pixels keep their memory where the size stays") {
  const test::TemporaryFolder folder;
  for (int i = 0; i < 3; ++i) save_jpeg(folder / std::to_string(i), test::waves(640 + (i == 2), 480, PixelOrder::rgb));
  test::write_file(folder / "bad", "no picture");
  ImageReader reader;
  reader.read(folder / "0");
  CHECK_THROWS_AS(reader.read(folder / "bad"), FileError);
  const std::uint8_t* pixels = reader.read(folder / "0").data();
  CHECK(reader.read(folder / "1").data() == pixels);
  CHECK(reader.read(folder / "2").width() == 641);
}

TEST_CASE("ImageReader: grey becomes colour where that is asked for") {
  ImageReader colour({}, PixelOrder::bgr);
  const Image grey = test::waves(9, 7, PixelOrder::grey);
  const Image& back = colour.decode(encode_png(grey));
  REQUIRE(back.channels() == 3);
  for (int c = 0; c < 3; ++c) CHECK(back.at(8, 6)[c] == grey.at(8, 6)[0]);
}
