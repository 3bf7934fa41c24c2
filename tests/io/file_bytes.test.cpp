// SPDX-License-Identifier: MIT
#include <pursuit/io/file_bytes.hpp>

#include "../support/bytes.hpp"
#include "../support/temporary_folder.hpp"

#include <doctest/doctest.h>

using namespace pursuit;

TEST_CASE("read_bytes: the whole file, in memory that is kept") {
  const test::TemporaryFolder folder;
  const std::string text("a\0b\r\n", 5);
  test::write_file(folder / "file", text);
  std::vector<std::uint8_t> bytes(100);
  const std::uint8_t* memory = bytes.data();
  read_bytes(folder / "file", bytes);
  CHECK(std::string(bytes.begin(), bytes.end()) == text);
  CHECK(bytes.data() == memory);
  CHECK_NOTHROW(read_bytes(folder / "file", bytes, 5));
  CHECK_THROWS_AS(read_bytes(folder / "file", bytes, 4), FileError);
  CHECK_THROWS_AS(read_bytes(folder / "missing", bytes), FileError);
  CHECK_THROWS_AS(read_bytes(folder.path(), bytes), FileError);
}

TEST_CASE("read_text: a byte order mark is no text") {
  const test::TemporaryFolder folder;
  test::write_file(folder / "marked",
                   "\xEF\xBB\xBF"
                   "1,2");
  CHECK(read_text(folder / "marked") == "1,2");
  test::write_file(folder / "empty", "");
  CHECK(read_text(folder / "empty").empty());
}

TEST_CASE("write_bytes: a folder that is not there, a full disk") {
  const test::TemporaryFolder folder;
  const std::vector<std::uint8_t> bytes(100000, 7);
  write_bytes(folder / "file", bytes);
  CHECK(std::filesystem::file_size(folder / "file") == bytes.size());
  CHECK_THROWS_AS(write_bytes(folder / "no" / "file", bytes), FileError);
  if (std::filesystem::exists("/dev/full"))
    CHECK_THROWS_AS(write_bytes("/dev/full", bytes), FileError);
  else
    MESSAGE("skipped: no /dev/full here");
}
