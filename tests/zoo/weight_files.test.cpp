// SPDX-License-Identifier: MIT
#include <pursuit/zoo/weight_files.hpp>

#include <doctest/doctest.h>

#include <support/temporary_folder.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace pursuit;
namespace fs = std::filesystem;

TEST_CASE("weight files: the first folder that has one, those of PURSUIT_WEIGHTS before others") {
  const ::test::TemporaryFolder folder;
  for (const char* name : {"a", "b", "c", "b/folder.safetensors"}) fs::create_directories(folder / name);
  for (const char* name : {"a/one.safetensors", "b/one.safetensors", "b/two.safetensors", "c/three.safetensors"})
    std::ofstream(folder / name) << "weights";

  ::unsetenv("PURSUIT_WEIGHTS");
  CHECK(zoo::weight_folders().empty());
  const auto plain = zoo::weight_folders({folder / "b", folder / "c"});
  CHECK(zoo::find_weights("one", plain) == folder / "b/one.safetensors");
  CHECK(zoo::find_weights("three", plain) == folder / "c/three.safetensors");
  CHECK_FALSE(zoo::find_weights("four", plain));
  CHECK_FALSE(zoo::find_weights("folder", plain));  // a folder of that name is no file

  ::setenv("PURSUIT_WEIGHTS", (":" + (folder / "nowhere").string() + ":" + (folder / "a").string() + ":").c_str(), 1);
  const auto named = zoo::weight_folders({folder / "b"});
  CHECK(named.size() == 3);
  CHECK(zoo::find_weights("one", named) == folder / "a/one.safetensors");
  CHECK(zoo::find_weights("two", named) == folder / "b/two.safetensors");
  ::unsetenv("PURSUIT_WEIGHTS");
}
