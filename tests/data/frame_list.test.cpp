// SPDX-License-Identifier: MIT
#include <pursuit/data/frame_list.hpp>

#include "../support/bytes.hpp"
#include "../support/temporary_folder.hpp"

#include <doctest/doctest.h>

using namespace pursuit;

TEST_CASE("numeric_less: numbers in names compare as numbers") {
  const std::vector<std::string> sorted{"",
                                        "1.jpg",
                                        "2.jpg",
                                        "010.jpg",
                                        "10.jpg",
                                        "a.jpg",
                                        "a1b2.jpg",
                                        "a1b10.jpg",
                                        "a2b1.jpg",
                                        "b99999999999999999999999.jpg",
                                        "b100000000000000000000000.jpg"};
  for (std::size_t i = 0; i < sorted.size(); ++i)
    for (std::size_t j = 0; j < sorted.size(); ++j) {
      CAPTURE(sorted[i]);
      CAPTURE(sorted[j]);
      CHECK(numeric_less(sorted[i], sorted[j]) == (i < j));
    }
}

TEST_CASE("has_picture_name: by ending, in any case; not what systems leave behind") {
  for (const char* name : {"a.jpg", "A.JPG", "x.y.jpeg", "x.Png"}) CHECK(has_picture_name(name));
  for (const char* name : {"a.txt", "jpg", "a.jpg.txt", "._0001.jpg", ".jpg", "a.gif"})
    CHECK_FALSE(has_picture_name(name));
}

TEST_CASE("list_frames: pictures only, in the order of their numbers") {
  const test::TemporaryFolder folder;
  for (const char* name : {"10.jpg", "9.jpg", "1.png", "notes.txt", "._1.png"}) test::write_file(folder / name, "");
  std::filesystem::create_directory(folder / "2.jpg");
  std::vector<std::string> names;
  for (const auto& file : list_frames(folder.path())) names.push_back(file.filename().string());
  CHECK(names == std::vector<std::string>{"1.png", "9.jpg", "10.jpg"});
  CHECK_THROWS_AS(list_frames(folder / "missing"), FileError);
}
