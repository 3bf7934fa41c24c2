// SPDX-License-Identifier: MIT
#include <pursuit/io/atomic_file.hpp>

#include "../support/bytes.hpp"
#include "../support/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <iterator>
#include <string>

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace pursuit;

namespace {

std::ptrdiff_t entries(const std::filesystem::path& folder) {
  return std::distance(std::filesystem::directory_iterator(folder), {});
}

}  // namespace

TEST_CASE("AtomicFile: the name appears with commit() and not before") {
  const test::TemporaryFolder folder;
  AtomicFile file(folder / "a");
  file.write("one ");
  file.write("two");
  CHECK(!std::filesystem::exists(folder / "a"));
  file.commit();
  CHECK(test::read_file(folder / "a") == "one two");
  CHECK(entries(folder.path()) == 1);
}

TEST_CASE("AtomicFile: without commit() the old file stays and nothing is left over") {
  const test::TemporaryFolder folder;
  test::write_file(folder / "a", "old");
  { AtomicFile(folder / "a").write("new"); }
  CHECK(test::read_file(folder / "a") == "old");
  CHECK(entries(folder.path()) == 1);
}

TEST_CASE("AtomicFile: a folder that is missing is named") {
  const test::TemporaryFolder folder;
  const auto path = folder / "missing/a";
  const auto message = test::message_of<FileError>([&] { AtomicFile file(path); });
  CHECK(message.starts_with(path.string() + ": cannot be written"));
}

TEST_CASE("AtomicFile: what a killed process of the same number left does not stand in the way") {
  const test::TemporaryFolder folder;
  for (int i = 0; i < 100; ++i)
    test::write_file(folder / ("a.tmp-" + std::to_string(::getpid()) + "-" + std::to_string(i)), "half");
  AtomicFile file(folder / "a");
  file.write("whole");
  file.commit();
  CHECK(test::read_file(folder / "a") == "whole");
  CHECK(entries(folder.path()) == 101);
}

TEST_CASE("AtomicFile: folders, pipes and devices are not replaced") {
  const test::TemporaryFolder folder;
  std::filesystem::create_directory(folder / "folder");
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  const auto refusal = [&](const char* name) {
    return test::message_of<FileError>([&] { AtomicFile file(folder / name); });
  };
  CHECK(test::contains(refusal("folder"), "folder: cannot be written (a folder is there)"));
  CHECK(test::contains(refusal("pipe"), "pipe: cannot be written (not a regular file is there)"));
  CHECK(std::filesystem::is_fifo(folder / "pipe"));
  CHECK(entries(folder.path()) == 2);
}

TEST_CASE("AtomicFile: a disk that is full is an error, and the old file stays") {
  const test::TemporaryFolder folder;
  test::write_file(folder / "a", "old");
  // The limit on the size of files stands in for a full disk; write() fails in the same place.
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_FSIZE, &before) == 0);
  const rlimit small{4096, before.rlim_max};
  REQUIRE(setrlimit(RLIMIT_FSIZE, &small) == 0);
  const auto message = test::message_of<FileError>([&] {
    AtomicFile file(folder / "a");
    file.write(std::string(10000, 'x'));
    file.commit();
  });
  REQUIRE(setrlimit(RLIMIT_FSIZE, &before) == 0);
  CHECK(test::contains(message, "cannot be written"));
  CHECK(test::read_file(folder / "a") == "old");
  CHECK(entries(folder.path()) == 1);
}
