// SPDX-License-Identifier: MIT
#include <pursuit/data/dataset.hpp>
#include <pursuit/data/frame_reader.hpp>

#include "support/bytes.hpp"
#include "support/shared_folder.hpp"
#include "support/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace pursuit;
namespace fs = std::filesystem;
using test::contains, test::message_of, test::write_file;

namespace {

void make_frames(const fs::path& folder, int first, int last) {
  fs::create_directories(folder);
  for (int i = first; i <= last; ++i) {
    const std::string digits = std::to_string(i);
    write_file(folder / (std::string(4 - std::min<std::size_t>(4, digits.size()), '0') + digits + ".jpg"), "");
  }
}

std::string lines(int count, int x = 1) {
  std::string text;
  for (int i = 0; i < count; ++i) text += std::to_string(x + i) + ",5,10,20\n";
  return text;
}

std::vector<std::string> names(const std::vector<DatasetEntry>& entries) {
  std::vector<std::string> out;
  for (const auto& e : entries) out.push_back(e.name);
  return out;
}

}  // namespace

TEST_CASE("OTB: two targets are two sequences, special ranges, attributes") {
  const test::TemporaryFolder root;
  make_frames(root / "Jogging/img", 1, 3);
  write_file(root / "Jogging/groundtruth_rect.1.txt", lines(3));
  write_file(root / "Jogging/groundtruth_rect.2.txt", lines(3, 100));
  make_frames(root / "Human4/img", 1, 3);
  write_file(root / "Human4/groundtruth_rect.2.txt", lines(3));
  make_frames(root / "David/img", 295, 775);
  write_file(root / "David/groundtruth_rect.txt", lines(471));
  write_file(root / "David/attrs.txt", "IV, SV,OCC\n");
  make_frames(root / "Freeman4/img", 1, 300);
  write_file(root / "Freeman4/groundtruth_rect.txt", lines(283));
  fs::create_directories(root / "att");
  write_file(root / "att/Freeman4.txt", "0,1,0,0,0,0,0,0,0,0,1\n");

  const auto entries = list_dataset(root.path(), DatasetKind::otb);
  CHECK(names(entries) == std::vector<std::string>{"David", "Freeman4", "Human4.2", "Jogging.1", "Jogging.2"});
  const Sequence david = open_sequence(entries[0]);
  CHECK(david.size() == 471);
  CHECK(david.frames.front().filename() == "0300.jpg");
  CHECK(david.boxes.front() == Box{0, 4, 10, 20});
  CHECK(david.notes.empty());
  CHECK(entries[0].attributes == std::vector<std::string>{"IV", "SV", "OCC"});
  CHECK(open_sequence(entries[1]).size() == 283);
  CHECK(entries[1].attributes == std::vector<std::string>{"OPR", "LR"});
  CHECK(open_sequence(entries[4]).boxes[0].x == 99);
  CHECK(open_sequence(entries[4]).name == "Jogging.2");
}

TEST_CASE("OTB: frames where TRE does not start, by the numbers of the frames") {
  const test::TemporaryFolder root;
  make_frames(root / "Jogging/img", 1, 30);
  write_file(root / "Jogging/groundtruth_rect.1.txt", lines(30));
  write_file(root / "Jogging/groundtruth_rect.2.txt", lines(30));
  make_frames(root / "BlurCar4/img", 18, 60);
  write_file(root / "BlurCar4/groundtruth_rect.txt", lines(43));
  fs::create_directories(root / "initOmit");
  write_file(root / "initOmit/Jogging.2.txt", "3\t4\n28 90\n");
  write_file(root / "BlurCar4/init_omit.txt", "10,19\r\n");
  const auto entries = list_dataset(root.path(), DatasetKind::otb);
  REQUIRE(names(entries) == std::vector<std::string>{"BlurCar4", "Jogging.1", "Jogging.2"});
  CHECK(open_sequence(entries[0]).no_starts == std::vector<std::size_t>{0, 1});
  CHECK(open_sequence(entries[1]).no_starts.empty());
  CHECK(open_sequence(entries[2]).no_starts == std::vector<std::size_t>{2, 3, 27, 28, 29});
  for (const char* wrong : {"3\n", "1,2\n4,3\n", "-2,3\n", "1,2,3\n", "nan,3\n", "1,1e30\n"}) {
    write_file(root / "initOmit/Jogging.2.txt", wrong);
    const std::string message = message_of<FileError>([&] { open_sequence(entries[2]); });
    CHECK_MESSAGE(contains(message, "Jogging.2.txt:"), message);
    CHECK_MESSAGE(contains(message, "a first and a last frame"), message);
  }
}

TEST_CASE("OTB: a special range is left alone where the frames were cut already") {
  const test::TemporaryFolder root;
  make_frames(root / "David/img", 1, 471);
  write_file(root / "David/groundtruth_rect.txt", lines(471));
  CHECK(open_sequence(list_dataset(root.path(), DatasetKind::otb)[0]).size() == 471);
}

TEST_CASE("LaSOT lies two levels deep, GOT-10k one; VOT has tags") {
  const test::TemporaryFolder root;
  make_frames(root / "lasot/bear/bear-1/img", 1, 2);
  write_file(root / "lasot/bear/bear-1/groundtruth.txt", lines(2));
  make_frames(root / "got/GOT-10k_Val_000001", 1, 2);
  write_file(root / "got/GOT-10k_Val_000001/groundtruth.txt", lines(2));
  write_file(root / "got/GOT-10k_Val_000001/cover.label", "8\n0\n");
  make_frames(root / "vot/ball/color", 1, 3);
  write_file(root / "vot/ball/groundtruth.txt", "1,1,5,1,5,5,1,5\n1,1,5,1,5,5,1,5\n1,1,5,1,5,5,1,5\n");
  write_file(root / "vot/ball/occlusion.tag", "0\n1\n0\n");
  write_file(root / "vot/ball/camera_motion.tag", "0\n0\n0\n");

  const auto lasot = list_dataset(root / "lasot", DatasetKind::lasot);
  CHECK(names(lasot) == std::vector<std::string>{"bear-1"});
  CHECK(open_sequence(lasot[0]).layout == Layout::lasot);
  const auto got = list_dataset(root / "got", DatasetKind::got10k);
  CHECK(open_sequence(got[0]).cover == std::vector<std::uint8_t>{8, 0});
  const auto vot = list_dataset(root / "vot", DatasetKind::vot);
  CHECK(open_sequence(vot[0]).polygons.size() == 3);
  CHECK(vot[0].attributes == std::vector<std::string>{"occlusion"});
  CHECK(open_sequence(vot[0]).tags.size() == 3);
  const auto tags = read_tags(root / "vot/ball", 3);
  REQUIRE(tags.size() == 3);
  CHECK(tags[1].name == "occlusion");
  CHECK(tags[2].name == "empty");
  CHECK(tags[2].flags == std::vector<std::uint8_t>{1, 0, 1});
  // any kind finds them all
  CHECK(list_dataset(root.path(), DatasetKind::any).size() == 3);
}

TEST_CASE("TrackingNet and UAV123 keep annotation apart; DAVIS has masks") {
  const test::TemporaryFolder root;
  make_frames(root / "tn/TEST/frames/abc_0", 0, 2);
  fs::create_directories(root / "tn/TEST/anno");
  write_file(root / "tn/TEST/anno/abc_0.txt", "7,5,10,20\n");
  make_frames(root / "tn/TRAIN_0/frames/xyz_1", 0, 1);
  fs::create_directories(root / "tn/TRAIN_0/anno");
  write_file(root / "tn/TRAIN_0/anno/xyz_1.txt", "7.25,5,10,20\n8,5,10,20\n");
  const auto tn = list_dataset(root / "tn", DatasetKind::trackingnet);
  REQUIRE(names(tn) == std::vector<std::string>{"abc_0", "xyz_1"});
  CHECK(open_sequence(tn[1]).boxes == std::vector<Box>{{7.25, 5, 10, 20}, {8, 5, 10, 20}});
  CHECK(list_dataset(root / "tn/TEST", DatasetKind::any).size() == 1);
  const Sequence hidden = open_sequence(tn[0]);
  CHECK(hidden.boxes[0] == Box{7, 5, 10, 20});
  CHECK(!is_valid(hidden.boxes[1]));
  CHECK(hidden.size() == 3);

  make_frames(root / "uav/data_seq/UAV123/car6", 1, 500);
  make_frames(root / "uav/data_seq/UAV123/bike1", 1, 3);
  fs::create_directories(root / "uav/anno/UAV123");
  write_file(root / "uav/anno/UAV123/bike1.txt", "1,5,10,20\nNaN,NaN,NaN,NaN\n3,5,10,20\n");
  fs::create_directories(root / "uav/anno/UAV123/att");
  write_file(root / "uav/anno/UAV123/att/bike1.txt", "1,0,0,0,0,0,0,0,0,0,0,1");
  write_file(root / "uav/anno/UAV123/car6_2.txt", lines(4));
  const auto uav = list_dataset(root / "uav", DatasetKind::uav123);
  CHECK(names(uav) == std::vector<std::string>{"bike1", "car6_2"});
  const Sequence car = open_sequence(uav[1]);
  CHECK(car.size() == 4);
  CHECK(car.frames[0].filename() == "0487.jpg");
  CHECK(car.boxes[0].x == 0);
  CHECK(open_sequence(uav[0]).size() == 3);
  CHECK(!is_valid(open_sequence(uav[0]).boxes[1]));
  CHECK(uav[0].attributes == std::vector<std::string>{"SV", "SOB"});

  make_frames(root / "davis/JPEGImages/480p/bear", 0, 2);
  fs::create_directories(root / "davis/Annotations/480p/bear");
  CHECK(names(list_dataset(root / "davis", DatasetKind::davis)) == std::vector<std::string>{"bear"});
  CHECK(names(list_dataset(root / "davis", DatasetKind::any)) == std::vector<std::string>{"bear"});
}

TEST_CASE("a root may be one sequence; folders of the same name are told apart; nothing there is an error") {
  const test::TemporaryFolder root;
  make_frames(root / "a/1", 1, 2);
  make_frames(root / "b/1", 1, 2);
  CHECK(names(list_dataset(root.path(), DatasetKind::any)) == std::vector<std::string>{"1", "b_1"});
  CHECK(names(list_dataset(root / "a/1", DatasetKind::any)) == std::vector<std::string>{"1"});
  fs::create_directories(root / "c");
  CHECK(contains(message_of<FileError>([&] { list_dataset(root / "c", DatasetKind::otb); }), "no sequence"));
  CHECK(contains(message_of<FileError>([&] { list_dataset(root / "d", DatasetKind::otb); }), "no such folder"));
  CHECK(contains(message_of<Error>([] { dataset_kind("coco"); }), "trackingnet"));
  CHECK(dataset_kind("uav123") == DatasetKind::uav123);
}

TEST_CASE("trees in which something is missing or wrong: the message names it") {
  const test::TemporaryFolder root;
  const auto refusal = [](const DatasetEntry& entry) { return message_of<FileError>([&] { open_sequence(entry); }); };
  // TrackingNet: annotation without frames; a line that is no box.
  make_frames(root / "tn/frames/b_0", 0, 1);
  fs::create_directories(root / "tn/anno");
  write_file(root / "tn/anno/a_0.txt", "1,2,3,4\n");
  write_file(root / "tn/anno/b_0.txt", "1,2,3,4\n1,2,3\n");
  const auto tn = list_dataset(root / "tn", DatasetKind::trackingnet);
  REQUIRE(tn.size() == 2);
  CHECK(contains(refusal(tn[0]), "frames/a_0"));
  CHECK(contains(refusal(tn[1]), "anno/b_0.txt:2: 3 numbers"));
  // UAV123: the video ends before the sequence begins.
  make_frames(root / "uav/data_seq/UAV123/car6", 1, 9);
  fs::create_directories(root / "uav/anno/UAV123");
  write_file(root / "uav/anno/UAV123/car6_2.txt", lines(4));
  CHECK(contains(refusal(list_dataset(root / "uav", DatasetKind::uav123)[0]), "no frame with a number from 487"));
  fs::remove_all(root / "uav/anno");
  CHECK(contains(message_of<FileError>([&] { list_dataset(root / "uav", DatasetKind::uav123); }), "anno"));
  // LaSOT: labels of another length.
  make_frames(root / "lasot/cat/cat-1/img", 1, 3);
  write_file(root / "lasot/cat/cat-1/groundtruth.txt", lines(3));
  write_file(root / "lasot/cat/cat-1/out_of_view.txt", "0,1");
  const auto lasot = list_dataset(root / "lasot", DatasetKind::lasot);
  CHECK(contains(refusal(lasot[0]), "out_of_view.txt: 2 values for 3 frames"));
  // DAVIS: masks of other frames; a mask that is no picture.
  make_frames(root / "davis/JPEGImages/480p/bear", 0, 1);
  fs::create_directories(root / "davis/Annotations/480p/bear");
  const auto davis = list_dataset(root / "davis", DatasetKind::davis);
  CHECK(contains(refusal(davis[0]), "no mask belongs to a frame"));
  write_file(root / "davis/Annotations/480p/bear/0001.png", "no picture");
  CHECK(contains(refusal(davis[0]), "0001.png"));
}

TEST_CASE("attribute files of a length that no data set has are refused") {
  const test::TemporaryFolder root;
  write_file(root / "a.txt", "1,0,1");
  CHECK(contains(message_of<FileError>([&] { read_attributes(root / "a.txt"); }), "need one for each attribute"));
  write_file(root / "x.tag", "0\n2\n");
  CHECK(contains(message_of<FileError>([&] { read_tags(root.path(), 2); }), "x.tag:2"));
}

TEST_CASE("FrameReader: a frame that cannot be read is an empty view and a message") {
  const test::TemporaryFolder root;
  make_frames(root / "s", 1, 2);
  const Sequence sequence = open_sequence(root / "s");
  FrameReader frames(sequence);
  CHECK(frames(1).data == nullptr);
  REQUIRE(frames.errors().size() == 1);
  CHECK(contains(frames.errors()[0], "0002.jpg"));
}

TEST_CASE("the sequences of shared/data/val") {
  const fs::path root = test::shared_folder() / "data/val";
  if (!fs::exists(root)) {
    MESSAGE("skipped: ", root.string(), " is not there");
    return;
  }
  const auto entries = list_dataset(root, DatasetKind::otb);
  CHECK(entries.size() == 10);
  for (const auto& entry : entries) CHECK_MESSAGE(open_sequence(entry).annotated(), entry.name);
}
