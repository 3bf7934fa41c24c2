// SPDX-License-Identifier: MIT
#include <pursuit/io/tensor_file.hpp>

#include "../support/bytes.hpp"
#include "../support/make_zip.hpp"
#include "../support/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <string>

using namespace pursuit;
using namespace std::string_literals;
using test::contains;

namespace {

std::string refusal(const std::string& content, const std::string& name = "w.pth") {
  const test::TemporaryFolder folder;
  test::write_file(folder / name, content);
  std::string message = test::message_of<FileError>([&] { open_tensor_file(folder / name); });
  CHECK(message.starts_with((folder / name).string() + ": "));
  return message;
}

}  // namespace

TEST_CASE("open_tensor_file: the format is told by content, not by name") {
  const test::TemporaryFolder folder;
  test::write_file(folder / "a.pth", test::little(2, 8) + "{}");
  CHECK(open_tensor_file(folder / "a.pth").format == "safetensors");
  for (const char* name : {"zip.pth", "legacy.pth"}) {
    test::write_file(folder / "b.safetensors", test::read_file(PURSUIT_SOURCE_DIR "/tests/golden/pth/"s + name));
    const TensorFile file = open_tensor_file(folder / "b.safetensors");
    CHECK(file.format == "pth");
    CHECK(file.table.tensors.size() == 10);
  }
}

TEST_CASE("open_tensor_file: a header whose length reads like the beginning of another format") {
  const test::TemporaryFolder folder;
  for (const std::size_t length : {0x0280U, 0x0580U, 0x4B50U, 0x8B1FU, 0x3C20U}) {  // pickles, zip, gzip, a page
    test::write_file(folder / "a.safetensors", test::little(length, 8) + "{}" + std::string(length - 2, ' '));
    CHECK(open_tensor_file(folder / "a.safetensors").format == "safetensors");
  }
}

TEST_CASE("open_tensor_file: says what a file that holds no weights looks like") {
  CHECK(contains(refusal(""), "empty"));
  CHECK(contains(refusal("<!DOCTYPE html><html>Sign in</html>"), "web page"));
  CHECK(contains(refusal("\xEF\xBB\xBF \r\n<html>"), "web page"));
  CHECK(contains(refusal("<html>", "w.safetensors"), "web page"));
  CHECK(contains(refusal("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n"), "Git LFS pointer"));
  CHECK(contains(refusal("\x1F\x8B\x08\x00"s), "gzip"));
  CHECK(contains(refusal(std::string(257, '\0') + "ustar" + std::string(250, '\0')), "tar archive"));
  CHECK(contains(refusal("\x89HDF\r\n"), "HDF5"));
  CHECK(contains(refusal("\x93NUMPY"), "NumPy"));
  CHECK(contains(refusal("some text of no format"), "neither a safetensors nor a PyTorch"));
}

TEST_CASE("open_tensor_file: damaged weight files are told as such") {
  CHECK(contains(refusal("PK\3\4" + std::string(100, '\0')), "cut off"));
  CHECK(contains(refusal(test::make_zip({})), "without data.pkl"));
  CHECK(contains(refusal("\x80\2\x8A"), "cut off"));
  CHECK(contains(refusal(test::little(1000, 8) + "{}"), "claims 1000 bytes"));
  CHECK(contains(refusal(test::little(5'000'000'000, 8) + "\"a\"", "w.safetensors"), "at most 100000000"));
}
