// SPDX-License-Identifier: MIT
#include <pursuit/io/image_file.hpp>
#include <pursuit/train/training_frames.hpp>

#include "../support/bytes.hpp"
#include "../support/shared_folder.hpp"
#include "../support/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace pursuit;

namespace {

/// A sequence of grey frames, each of another value, in the manner of OTB.
void write_sequence(const std::filesystem::path& folder, int frames, const std::string& boxes) {
  std::filesystem::create_directories(folder / "img");
  for (int i = 0; i < frames; ++i)
    save_png(folder / "img" / concat("000", i + 1, ".png"),
             Image(20, 10, PixelOrder::grey, static_cast<std::uint8_t>(i + 1)));
  test::write_file(folder / "groundtruth_rect.txt", boxes);
}

}  // namespace

TEST_CASE("TrainingFrames: sequences, single pictures and frames in memory are clips of their sources") {
  const test::TemporaryFolder folder;
  write_sequence(folder / "data/one", 3, "1,1,4,5\n2,2,4,5\nNaN,NaN,NaN,NaN\n");
  write_sequence(folder / "data/two", 2, "3,3,4,5\n4,4,4,0\n");
  write_sequence(folder / "data/unseen", 1, "4,4,0,0\n");
  test::write_file(folder / "boxes.csv",
                   "image,x,y,w,h\ndata/one/img/0002.png,0,0,12,10\ndata/one/img/0002.png,1,1,10,10\n");

  TrainingFrames frames;
  frames.add_source("videos", 2);
  frames.add_dataset(folder / "data");
  frames.add_source("stills");
  frames.add_stills(folder / "boxes.csv");
  frames.add("drawn", {Image(8, 8, PixelOrder::rgb, 7), Image(8, 8, PixelOrder::rgb, 9)}, {{1, 1, 2, 2}, no_box});
  REQUIRE(frames.sources().size() == 2);
  CHECK(frames.clips() == 5);

  const auto& videos = frames.sources()[0];
  CHECK(videos.name == "videos");
  CHECK(videos.weight == 2);
  REQUIRE(videos.clips.size() == 2);
  CHECK(videos.clips[0].name == "one");
  CHECK(videos.clips[0].boxes[1] == Box{1, 1, 4, 5});  // counted from 0
  CHECK(videos.clips[0].shares == std::vector<std::uint8_t>{8, 8, 0});
  CHECK(videos.clips[1].shares == std::vector<std::uint8_t>{8, 0});
  CHECK(!videos.clips[0].still());

  const auto& stills = frames.sources()[1].clips;
  REQUIRE(stills.size() == 3);
  CHECK(stills[0].still());
  CHECK(stills[0].frames == stills[1].frames);              // two targets share a picture,
  CHECK(stills[0].frames[0] == videos.clips[0].frames[1]);  // also with a video
  CHECK(frames.image(stills[0].frames[0])->at(3, 3)[0] == 2);
  CHECK(frames.image(stills[2].frames[1])->at(3, 3)[2] == 9);
  CHECK(stills[2].shares == std::vector<std::uint8_t>{8, 0});

  const std::string notes = concat(frames.notes().size(), frames.notes().front(), frames.notes().back());
  CHECK(test::contains(notes, "4 x 0"));
  CHECK(test::contains(notes, "unseen: no frame with a box: left out"));
}

TEST_CASE("TrainingFrames: what hides the target is known where the data set says it") {
  Sequence sequence;
  sequence.name = "clip";
  sequence.frames = {"a.jpg", "b.jpg", "c.jpg"};
  sequence.boxes = {{1, 1, 5, 5}, {1, 1, 5, 5}, {1, 1, 5, 5}};
  sequence.absent = {0, 1, 0};
  sequence.cover = {8, 8, 2};
  TrainingFrames frames;
  frames.add(sequence);  // without add_source() there is one source
  REQUIRE(frames.sources().size() == 1);
  CHECK(frames.sources()[0].clips[0].shares == std::vector<std::uint8_t>{8, 0, 2});
}

TEST_CASE("TrainingFrames: a sequence that cannot be opened loses nothing but itself") {
  const test::TemporaryFolder folder;
  write_sequence(folder / "bad", 2, "1,1,four,5\n");
  write_sequence(folder / "good", 2, "1,1,4,5\n1,1,4,5\n");
  TrainingFrames frames;
  frames.add_dataset(folder.path());
  CHECK(frames.clips() == 1);
  REQUIRE(frames.notes().size() == 1);
  CHECK(test::contains(frames.notes()[0], "'four' is not a number"));
}

TEST_CASE("TrainingFrames: what cannot be learned from is an error") {
  TrainingFrames frames;
  CHECK_THROWS_AS(frames.add_source("none", 0), Error);
  CHECK_THROWS_AS(frames.add_source("none", std::numeric_limits<double>::quiet_NaN()), Error);
  CHECK_THROWS_WITH_AS(frames.add("drawn", {Image(8, 8, PixelOrder::rgb)}, {}),
                       "TrainingFrames: drawn has 1 frames and 0 boxes", Error);
  CHECK_THROWS_AS(frames.add_dataset("/nowhere"), FileError);
  const test::TemporaryFolder folder;
  test::write_file(folder / "boxes.csv", "image,x,y,w,h\na.png,1,1,20,9\n");
  CHECK_THROWS_WITH_AS(frames.add_stills(folder / "boxes.csv"), doctest::Contains("at least 10 pixels"), FileError);
  CHECK_NOTHROW(frames.add_stills(folder / "boxes.csv", 9));
}

TEST_CASE("FrameCache: keeps what fits, and tries a bad picture once") {
  const test::TemporaryFolder folder;
  for (int i = 0; i < 3; ++i)
    save_png(folder / concat(i, ".png"), Image(10, 10, PixelOrder::rgb, static_cast<std::uint8_t>(i)));
  test::write_file(folder / "bad.png", "no picture");
  FrameCache cache(2 * 300);
  for (int i = 0; i < 3; ++i) cache.add(folder / concat(i, ".png"));
  const std::size_t bad = cache.add(folder / "bad.png");
  REQUIRE(cache.size() == 4);

  const auto first = cache.get(0), second = cache.get(1), third = cache.get(2);
  CHECK(cache.get(0) == first);
  CHECK(cache.get(1) == second);
  CHECK(cache.get(2) != third);  // there was no room for it: decoded again
  CHECK(cache.get(2)->at(5, 5)[1] == 2);

  CHECK(cache.get(bad) == nullptr);
  save_png(folder / "bad.png", Image(10, 10, PixelOrder::rgb));
  CHECK(cache.get(bad) == nullptr);
  REQUIRE(cache.notes().size() == 1);
  CHECK(test::contains(cache.notes()[0], "bad.png: "));
}

TEST_CASE("TrainingFrames: real sequences and pictures") {
  const auto data = test::shared_folder() / "data";
  if (!std::filesystem::exists(data / "stills/coco_tiny/boxes.csv")) {
    MESSAGE("skipped: no data in " << data.string());
    return;
  }
  TrainingFrames frames;
  frames.add_dataset(data / "train");
  CHECK(frames.clips() == 22);
  frames.add_source("stills");
  frames.add_stills(data / "stills/coco_tiny/boxes.csv");
  // Of 1503 boxes of single things 115 have a side below 10 pixels.
  CHECK(frames.sources()[1].clips.size() == 1388);
  for (const auto& source : frames.sources())
    for (std::size_t i = 0; i < source.clips.size(); i += 20) {
      const auto& clip = source.clips[i];
      const auto image = frames.image(clip.frames[0]);
      REQUIRE(image);
      CHECK(iou(clip.boxes[0], intersect(clip.boxes[0], Box{0, 0, 1.0 * image->width(), 1.0 * image->height()})) > 0.9);
    }
  CHECK(frames.notes().empty());
}
