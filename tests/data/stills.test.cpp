// SPDX-License-Identifier: MIT
#include <pursuit/data/stills.hpp>

#include "../support/bytes.hpp"
#include "../support/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace pursuit;

namespace {

std::vector<Sequence> stills_in(const std::string& text, double min_side = 1) {
  const test::TemporaryFolder folder;
  test::write_file(folder / "boxes.csv", text);
  return read_stills(folder / "boxes.csv", min_side);
}
std::string refusal(const std::string& text) {
  return test::message_of<FileError>([&] { (void)stills_in(text); });
}

}  // namespace

TEST_CASE("read_stills: a sequence of one frame for each box that shows one thing of some size") {
  const test::TemporaryFolder folder;
  test::write_file(folder / "boxes.csv",
                   "image,x,y,w,h,class,iscrowd,area\n"
                   "a/1.jpg,1.5,2,30,40,dog,0,900\r\n"
                   "a/1.jpg,5,6,300,400,people,1,900\n"
                   "a/2.jpg,7,8,9.5,40,dog,0,900\n"
                   "\n"
                   "a/3.jpg,-3,8,10,12,cat,0,100");
  const auto stills = read_stills(folder / "boxes.csv", 10);
  REQUIRE(stills.size() == 2);
  CHECK(stills[0].frames == std::vector{folder.path() / "a/1.jpg"});
  CHECK(stills[0].boxes == std::vector{Box{1.5, 2, 30, 40}});
  CHECK(stills[1].frames == std::vector{folder.path() / "a/3.jpg"});
  CHECK(stills[1].boxes == std::vector{Box{-3, 8, 10, 12}});
  CHECK(stills[0].name != stills[1].name);
}

TEST_CASE("read_stills: columns go by their names") {
  const auto stills = stills_in("h, w, y,x,image \n4,\t3,2,1 ,p.png\n0,3,2,1,empty.png\nnan,3,2,1,none.png\n");
  REQUIRE(stills.size() == 1);
  CHECK(stills[0].boxes == std::vector{Box{1, 2, 3, 4}});
}

TEST_CASE("read_stills: what cannot be read names file and line") {
  CHECK(refusal("image,x,y,w\n").find("boxes.csv:1: need the names of the columns") != std::string::npos);
  CHECK(refusal("image,x,y,w,h\na,1,2,3\n").find("boxes.csv:2: 4 fields: the first line names 5") != std::string::npos);
  CHECK(refusal("image,x,y,w,h\na,1,2,3,4\na,1,two,3,4\n").find("boxes.csv:3: 'two' is not a number") !=
        std::string::npos);
  CHECK_THROWS_AS((void)read_stills("/nowhere/boxes.csv"), FileError);
  CHECK(stills_in("image,x,y,w,h\n").empty());
  CHECK_THROWS_AS((void)stills_in(""), FileError);
}
