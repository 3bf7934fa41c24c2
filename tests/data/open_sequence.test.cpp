// SPDX-License-Identifier: MIT
#include <pursuit/data/open_sequence.hpp>

#include "../support/bytes.hpp"
#include "../support/shared_folder.hpp"
#include "../support/temporary_folder.hpp"

#include <doctest/doctest.h>

using namespace pursuit;
namespace fs = std::filesystem;

namespace {

/// Files named 00000001.jpg, ... : opening a sequence reads none of them.
void make_frames(const fs::path& folder, int count) {
  fs::create_directories(folder);
  for (int i = 1; i <= count; ++i) {
    const std::string digits = std::to_string(i);
    test::write_file(folder / (std::string(8 - digits.size(), '0') + digits + ".jpg"), "");
  }
}

std::string refusal(const fs::path& path) {
  return test::message_of<FileError>([&] { open_sequence(path); });
}

}  // namespace

TEST_CASE("open_sequence: a folder of frames") {
  const test::TemporaryFolder folder;
  make_frames(folder / "clip", 3);
  const Sequence s = open_sequence(folder / "clip");
  CHECK(s.name == "clip");
  CHECK(s.layout == Layout::frames);
  CHECK(s.size() == 3);
  CHECK_FALSE(s.annotated());
  CHECK(open_sequence(folder / "clip" / "").name == "clip");  // a path that ends in a slash
}

TEST_CASE("open_sequence: OTB") {
  const test::TemporaryFolder folder;
  make_frames(folder / "Bolt" / "img", 2);
  test::write_file(folder / "Bolt" / "groundtruth_rect.txt", "11,21,5,6\r\n12\t22\t5\t6");
  const Sequence s = open_sequence(folder / "Bolt");
  CHECK(s.layout == Layout::otb);
  CHECK(s.origin == Origin::one);
  CHECK(s.name == "Bolt");
  CHECK(s.boxes == std::vector<Box>{{10, 20, 5, 6}, {11, 21, 5, 6}});
  CHECK(s.polygons.empty());
  CHECK(s.absent.empty());
  CHECK(s.notes.empty());
}

TEST_CASE("open_sequence: OTB with two targets") {
  const test::TemporaryFolder folder;
  make_frames(folder / "Jogging" / "img", 1);
  test::write_file(folder / "Jogging" / "groundtruth_rect.2.txt", "3,3,5,6\n");
  test::write_file(folder / "Jogging" / "groundtruth_rect.1.txt", "2,2,5,6\n");
  const Sequence first = open_sequence(folder / "Jogging");
  CHECK(first.name == "Jogging.1");
  CHECK(first.boxes[0] == Box{1, 1, 5, 6});
  const Sequence second = open_sequence(folder / "Jogging" / "groundtruth_rect.2.txt");
  CHECK(second.name == "Jogging.2");
  CHECK(second.boxes[0] == Box{2, 2, 5, 6});
  CHECK(second.size() == 1);
}

TEST_CASE("open_sequence: VOT, frames beside the annotation, in color/, or where `sequence` says") {
  const test::TemporaryFolder folder;
  const std::string polygon = "10,20,18,20,18,28,10,28\n";
  make_frames(folder / "a", 1);
  test::write_file(folder / "a" / "groundtruth.txt", polygon);
  make_frames(folder / "b" / "color", 1);
  test::write_file(folder / "b" / "groundtruth.txt", polygon);
  make_frames(folder / "c" / "ir", 1);
  test::write_file(folder / "c" / "groundtruth.txt", polygon);
  test::write_file(folder / "c" / "sequence", "fps=30\nchannels.color=ir/%08d.jpg\nformat=default\n");
  make_frames(folder / "d" / "img", 1);
  test::write_file(folder / "d" / "groundtruth.txt", polygon);
  for (const char* name : {"a", "b", "c", "d"}) {
    CAPTURE(name);
    const Sequence s = open_sequence(folder / name);
    CHECK(s.layout == Layout::vot);
    CHECK(s.origin == Origin::zero);
    REQUIRE(s.size() == 1);
    REQUIRE(s.polygons.size() == 1);
    CHECK(s.polygons[0][2] == Point{18, 28});
    CHECK(s.boxes[0] == Box{9.5, 19.5, 9, 9});
  }
}

TEST_CASE("open_sequence: VOT's frames a second and tags") {
  const test::TemporaryFolder folder;
  make_frames(folder / "a" / "color", 2);
  test::write_file(folder / "a" / "groundtruth.txt", "1,2,3,4\n1,2,3,4\n");
  CHECK(open_sequence(folder / "a").fps == 0);
  test::write_file(folder / "a" / "sequence", "name=fps=3\r\nfps=24.5\r\nchannels.color=color/%08d.jpg\r\n");
  test::write_file(folder / "a" / "occlusion.tag", "0\n1\n");
  const Sequence s = open_sequence(folder / "a");
  CHECK(s.fps == 24.5);
  REQUIRE(s.tags.size() == 2);
  CHECK(s.tags[0].name == "occlusion");
  CHECK(s.tags[0].flags == std::vector<std::uint8_t>{0, 1});
  CHECK(s.tags[1].name == "empty");
  for (const char* wrong : {"fps=0", "fps=-3", "fps=nan", "fps=inf", "fps=fast", "fps=20 or so"}) {
    test::write_file(folder / "a" / "sequence", wrong);
    CHECK(test::contains(refusal(folder / "a"), concat("sequence: ", wrong, ": need a number above 0")));
  }
  test::write_file(folder / "a" / "sequence", "");
  test::write_file(folder / "a" / "occlusion.tag", "0\nx\n");
  CHECK(test::contains(refusal(folder / "a"), "occlusion.tag:2: 'x' is not a number"));
}

TEST_CASE("open_sequence: GOT-10k") {
  const test::TemporaryFolder folder;
  make_frames(folder / "G1", 3);
  test::write_file(folder / "G1" / "groundtruth.txt", "10,20,5,6\n11,20,5,6\n12,20,5,6\n");
  test::write_file(folder / "G1" / "absence.label", "0\n1\n0\n");
  test::write_file(folder / "G1" / "cover.label", "8\n0\n5\n");
  test::write_file(folder / "G1" / "meta_info.ini", "[METAINFO]\n");
  const Sequence s = open_sequence(folder / "G1");
  CHECK(s.layout == Layout::got10k);
  CHECK(s.boxes[0] == Box{10, 20, 5, 6});
  CHECK(s.absent == std::vector<std::uint8_t>{0, 1, 0});
  CHECK(s.cover == std::vector<std::uint8_t>{8, 0, 5});
}

TEST_CASE("open_sequence: LaSOT, labels in one long line") {
  const test::TemporaryFolder folder;
  make_frames(folder / "cat-1" / "img", 3);
  test::write_file(folder / "cat-1" / "groundtruth.txt", "11,21,5,6\n11,21,5,6\n11,21,5,6\n");
  test::write_file(folder / "cat-1" / "full_occlusion.txt", "0,1,0");
  test::write_file(folder / "cat-1" / "out_of_view.txt", "0,0,1\n");
  const Sequence s = open_sequence(folder / "cat-1");
  CHECK(s.layout == Layout::lasot);
  CHECK(s.origin == Origin::one);
  CHECK(s.boxes[0] == Box{10, 20, 5, 6});
  CHECK(s.absent == std::vector<std::uint8_t>{0, 1, 1});
}

TEST_CASE("open_sequence: DAVIS, boxes from masks") {
  const test::TemporaryFolder folder;
  const fs::path frames = folder.path() / "JPEGImages" / "480p" / "dog", masks = folder.path() / "Annotations/480p/dog";
  make_frames(frames, 3);
  fs::create_directories(masks);
  Image mask(12, 9, PixelOrder::grey);
  save_png(masks / "00000002.png", mask);  // nothing of the target is seen
  *mask.at(3, 4) = *mask.at(6, 5) = 255;
  save_png(masks / "00000001.png", mask);
  const Sequence s = open_sequence(frames);
  CHECK(s.layout == Layout::davis);
  CHECK(s.name == "dog");
  REQUIRE(s.boxes.size() == 3);
  CHECK(s.boxes[0] == Box{3, 4, 4, 2});
  CHECK_FALSE(is_valid(s.boxes[1]));
  CHECK_FALSE(is_valid(s.boxes[2]));
  REQUIRE(s.notes.size() == 1);
  CHECK(test::contains(s.notes[0], "1 frames have no mask"));
}

TEST_CASE("open_sequence: annotation of another length than the video is fitted, and said") {
  const test::TemporaryFolder folder;
  make_frames(folder / "s" / "img", 3);
  test::write_file(folder / "s" / "groundtruth_rect.txt", "1,1,5,6\n2,2,5,6\n");
  Sequence s = open_sequence(folder / "s");
  REQUIRE(s.boxes.size() == 3);
  CHECK(is_valid(s.boxes[1]));
  CHECK_FALSE(is_valid(s.boxes[2]));
  REQUIRE(s.notes.size() == 1);
  CHECK(test::contains(s.notes[0], "groundtruth_rect.txt: 2 lines for 3 frames: the last frames have no box"));
  test::write_file(folder / "s" / "groundtruth_rect.txt", "1,1,5,6\n2,2,5,6\n3,3,5,6\n4,4,5,6\n");
  s = open_sequence(folder / "s");
  CHECK(s.boxes.size() == 3);
  CHECK(test::contains(s.notes.at(0), "4 lines for 3 frames: the last lines are left out"));
}

TEST_CASE("open_sequence: boxes without size are frames without the target, boxes past the edge stay") {
  const test::TemporaryFolder folder;
  make_frames(folder / "s" / "img", 4);
  test::write_file(folder / "s" / "groundtruth_rect.txt", "-5,1,900,900\n2,2,0,6\nnan,nan,nan,nan\n3,3,4,-1\n");
  const Sequence s = open_sequence(folder / "s");
  CHECK(s.boxes[0] == Box{-6, 0, 900, 900});
  for (int i = 1; i < 4; ++i) CHECK_FALSE(is_valid(s.boxes[i]));
  REQUIRE(s.notes.size() == 2);
  CHECK(test::contains(s.notes[0], "groundtruth_rect.txt:2: box of 0 x 6 pixels: taken as a frame without the target"));
  CHECK(test::contains(s.notes[1], "groundtruth_rect.txt:4: box of 4 x -1"));
}

TEST_CASE("open_sequence: what is wrong is named with file and line") {
  const test::TemporaryFolder folder;
  CHECK(test::contains(refusal(folder / "missing"), "missing: no such file or folder"));
  test::write_file(folder / "file.bin", "");
  CHECK(test::contains(refusal(folder / "file.bin"), "file.bin: not a folder"));
  fs::create_directory(folder / "empty");
  CHECK(test::contains(refusal(folder / "empty"), "empty: no frames in it: need pictures that end in"));

  make_frames(folder / "s" / "img", 2);
  const fs::path gt = folder / "s" / "groundtruth_rect.txt";
  test::write_file(gt, "");
  CHECK(test::contains(refusal(folder / "s"), "groundtruth_rect.txt: no annotation in it"));
  test::write_file(gt, "1,2,3,4\n1,2,3\n");
  CHECK(test::contains(refusal(folder / "s"), "groundtruth_rect.txt:2: 3 numbers"));
  test::write_file(gt, "1,2,3,4\n1,2,three,4\n");
  CHECK(test::contains(refusal(folder / "s"), "groundtruth_rect.txt:2: 'three' is not a number"));

  make_frames(folder / "g", 2);
  test::write_file(folder / "g" / "groundtruth.txt", "1,2,3,4\n1,2,3,4\n");
  test::write_file(folder / "g" / "absence.label", "0\n");
  CHECK(test::contains(refusal(folder / "g"), "absence.label: 1 values for 2 frames"));
  test::write_file(folder / "g" / "absence.label", "0\n2\n");
  CHECK(test::contains(refusal(folder / "g"), "absence.label:2: 2: need a whole number from 0 to 1"));
}

TEST_CASE("open_sequence: one frame, and a path in any alphabet") {
  const test::TemporaryFolder folder;
  const fs::path path = folder.path() / u8"Füße 追跡";
  make_frames(path / "img", 1);
  test::write_file(path / "groundtruth_rect.txt", "1,1,2,2");
  const Sequence s = open_sequence(path);
  CHECK(s.size() == 1);
  CHECK(s.boxes == std::vector<Box>{{0, 0, 2, 2}});
  CHECK(fs::path(s.name) == path.filename());
}

TEST_CASE("open_sequence: real sequences") {
  const fs::path shared = test::shared_folder();
  if (!fs::exists(shared / "data" / "val" / "Bolt")) {
    MESSAGE("skipped: no " << (shared / "data").string());
    return;
  }
  const Sequence bolt = open_sequence(shared / "data" / "val" / "Bolt");
  CHECK(bolt.size() == 350);
  CHECK(bolt.boxes.at(0) == Box{335, 164, 26, 61});
  CHECK(bolt.notes.empty());
  CHECK(bolt.frames.back().filename() == "0350.jpg");
  const Sequence bag = open_sequence(shared / "data" / "val" / "bag" / "groundtruth.txt");
  CHECK(bag.layout == Layout::vot);
  CHECK(bag.polygons.size() == bag.size());
}
