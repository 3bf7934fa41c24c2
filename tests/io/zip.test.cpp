// SPDX-License-Identifier: MIT
#include <pursuit/io/zip.hpp>

#include "../support/bytes.hpp"
#include "../support/make_zip.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using namespace pursuit;
using test::bytes_of;
using test::contains;

namespace {

const std::vector<std::pair<std::string, std::string>> two{{"a/data.pkl", std::string(100, 'p')},
                                                           {"a/data/0", "0123456789"}};

std::string content(const std::string& file, const std::string& name, std::uint64_t max_inflated = 1 << 20) {
  ZipArchive archive(bytes_of(file), max_inflated);
  const ZipMember* member = archive.find(name);
  if (member == nullptr) return "no such member";
  const ZipContent read = archive.read(*member);
  return {reinterpret_cast<const char*>(read.bytes.data()), read.bytes.size()};
}

std::string refusal(const std::string& file, const std::string& name = "a/data.pkl",
                    std::uint64_t max_inflated = 1 << 20) {
  return test::message_of<FileError>([&] { content(file, name, max_inflated); });
}

}  // namespace

TEST_CASE("ZipArchive: stored and deflated members, with 32-bit and 64-bit records") {
  for (const bool deflate : {false, true})
    for (const bool zip64 : {false, true}) {
      const std::string file = test::make_zip(two, {.deflate = deflate, .zip64 = zip64});
      CHECK(content(file, "a/data.pkl") == two[0].second);
      CHECK(content(file, "a/data/0") == "0123456789");
      CHECK(content(file, "a/data") == "no such member");
    }
}

TEST_CASE("ZipArchive: a stored member is not copied") {
  const std::string file = test::make_zip(two);
  ZipArchive archive(bytes_of(file));
  const ZipContent read = archive.read(*archive.find("a/data/0"));
  CHECK(read.owned == nullptr);
  CHECK(reinterpret_cast<const char*>(read.bytes.data()) > file.data());
  CHECK(reinterpret_cast<const char*>(read.bytes.data()) < file.data() + file.size());
}

TEST_CASE("ZipArchive: a comment at the end, even one that looks like the record, does not hide the directory") {
  CHECK(content(test::make_zip(two, {.comment = "made by hand"}), "a/data/0") == "0123456789");
  CHECK(content(test::make_zip(two, {.comment = "PK\5\6" + std::string(18, '\xFF')}), "a/data/0") == "0123456789");
}

TEST_CASE("ZipArchive: a file that is cut off anywhere is refused") {
  for (const bool zip64 : {false, true}) {
    const std::string file = test::make_zip(two, {.zip64 = zip64});
    for (std::size_t n = 0; n < file.size(); ++n) CHECK(refusal(file.substr(0, n)) != "");
  }
  const std::string file = test::make_zip(two);
  CHECK(contains(refusal(file.substr(0, 80)), "cut off"));
}

TEST_CASE("ZipArchive: a changed number of a member is noticed") {
  for (const bool deflate : {false, true}) {
    std::string file = test::make_zip(two, {.deflate = deflate});
    file[30 + two[0].first.size() + 1] ^= 4;
    CHECK(contains(refusal(file), "damaged"));
  }
}

TEST_CASE("ZipArchive: encrypted members and unknown methods are refused by name") {
  CHECK(contains(refusal(test::make_zip(two, {.flags = 1})), "\"a/data.pkl\" is encrypted"));
  std::string file = test::make_zip(two);
  file[file.find("PK\1\2") + 10] = 14;
  CHECK(contains(refusal(file), "method 14"));
}

TEST_CASE("ZipArchive: unpacking stops at the claimed size and at the limit") {
  const std::string big(100000, 'z');
  std::string file = test::make_zip({{"b", big}}, {.deflate = true});
  REQUIRE(file.size() < 1000);
  CHECK(content(file, "b") == big);
  CHECK(contains(refusal(file, "b", 99999), "of which 99999 are allowed"));
  // A claim that is too small, and one that is far too large for what is there.
  const std::size_t size = file.find("PK\1\2") + 24;
  CHECK(contains(refusal(std::string(file).replace(size, 4, test::little(50000, 4)), "b"), "does not unpack to 50000"));
  CHECK(contains(refusal(std::string(file).replace(size, 4, test::little(0xF0000000, 4)), "b", ~0ULL),
                 "does not unpack to 4026531840"));
}

TEST_CASE("ZipArchive: the limit counts all members together") {
  const std::string file =
      test::make_zip({{"a", std::string(600, 'a')}, {"b", std::string(600, 'b')}}, {.deflate = true});
  ZipArchive archive(bytes_of(file), 1000);
  archive.read(*archive.find("a"));
  CHECK_THROWS_AS(archive.read(*archive.find("b")), FileError);
}

TEST_CASE("ZipArchive: a number of members that is not there is refused without room for it") {
  std::string file = test::make_zip(two, {.zip64 = true});
  const std::size_t record = file.find("PK\6\6");
  file.replace(record + 24, 16, test::little(~0ULL, 8) + test::little(~0ULL, 8));
  CHECK(contains(refusal(file), "directory is damaged"));
}
