// SPDX-License-Identifier: MIT
#include <pursuit/data/frame_source.hpp>

#include "../support/bytes.hpp"
#include "../support/temporary_folder.hpp"

#include <doctest/doctest.h>

using namespace pursuit;

TEST_CASE("FileFrames: a frame that cannot be decoded is a bad frame and not the end") {
  const test::TemporaryFolder folder;
  const Image small(8, 6, PixelOrder::grey, 10), large(16, 12, PixelOrder::rgb, 20);
  save_png(folder / "1.png", small);
  test::write_file(folder / "2.png", "damaged");
  const auto jpeg = encode_jpeg(large);
  write_bytes(folder / "3.png", std::span(jpeg).first(jpeg.size() / 2));
  save_png(folder / "5.png", large);  // the size changes; 4 is missing
  std::vector<std::filesystem::path> files;
  for (int i = 1; i <= 5; ++i) files.push_back(folder / (std::to_string(i) + ".png"));

  FileFrames source(files);
  CHECK(source.size() == 5);
  SourceFrame frame;
  REQUIRE(source.next(frame));
  CHECK(frame.error.empty());
  CHECK(frame.image.width == 8);
  CHECK(frame.image.channels == 1);
  for (const char* name : {"2.png: neither JPEG nor PNG", "3.png: JPEG", "4.png: No such file"}) {
    REQUIRE(source.next(frame));
    CHECK(test::contains(frame.error, name));
    CHECK(frame.image.data == nullptr);
    CHECK_FALSE(unreadable(frame.image).empty());
  }
  REQUIRE(source.next(frame));
  CHECK(frame.error.empty());
  CHECK(frame.image.width == 16);
  CHECK(frame.image.data[0] == 20);
  CHECK_FALSE(source.next(frame));
  CHECK_FALSE(source.next(frame));
}

TEST_CASE("FileFrames: no files, no frames") {
  FileFrames source({});
  SourceFrame frame;
  CHECK_FALSE(source.next(frame));
}
