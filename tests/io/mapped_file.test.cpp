// SPDX-License-Identifier: MIT
#include <pursuit/io/mapped_file.hpp>

#include "../support/bytes.hpp"
#include "../support/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <utility>

#include <sys/stat.h>

using namespace pursuit;

TEST_CASE("MappedFile: shows the bytes of the file, also under a name that is not ASCII") {
  const test::TemporaryFolder folder;
  const std::string text(10000, 'q');
  test::write_file(folder / "gewichte \xC3\xA4\xE2\x82\xAC", text);
  MappedFile file(folder / "gewichte \xC3\xA4\xE2\x82\xAC");
  CHECK(std::ranges::equal(file.bytes(), test::bytes_of(text)));
  const MappedFile moved = std::move(file);
  CHECK(moved.bytes().size() == 10000);
}

TEST_CASE("MappedFile: an empty file is an empty span") {
  const test::TemporaryFolder folder;
  test::write_file(folder / "empty", "");
  CHECK(MappedFile(folder / "empty").bytes().empty());
}

TEST_CASE("MappedFile: stays readable when the name is given to another file") {
  const test::TemporaryFolder folder;
  test::write_file(folder / "a", "old");
  test::write_file(folder / "b", "new");
  const MappedFile file(folder / "a");
  std::filesystem::rename(folder / "b", folder / "a");
  CHECK(std::ranges::equal(file.bytes(), test::bytes_of("old")));
}

TEST_CASE("MappedFile: what is no file is named and refused, and a pipe is not waited for") {
  const test::TemporaryFolder folder;
  const auto refusal = [](const std::filesystem::path& path) {
    return test::message_of<FileError>([&] { MappedFile file(path); });
  };
  CHECK(refusal(folder / "missing").starts_with((folder / "missing").string() + ": cannot be opened (No such file"));
  CHECK(test::contains(refusal(folder.path()), "is a folder"));
  REQUIRE(mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK(test::contains(refusal(folder / "pipe"), "not a regular file"));
}
