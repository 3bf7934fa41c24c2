// SPDX-License-Identifier: MIT
#include <pursuit/core/random.hpp>
#include <pursuit/io/image_file.hpp>
#include <pursuit/train/atom_pairs.hpp>
#include <pursuit/train/frame_cache.hpp>
#include <pursuit/train/loader.hpp>

#include "../support/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

using namespace pursuit;

namespace {

/// An example that takes longer or shorter to make, by chance, and is known by its number.
std::uint64_t slowly(std::uint64_t index) {
  Random random(index);
  std::this_thread::sleep_for(std::chrono::microseconds(random.below(300)));
  return random.next();
}

}  // namespace

TEST_CASE("Loader: the same examples in the same order, whatever the number of threads") {
  std::vector<std::uint64_t> expected;
  for (std::uint64_t i = 5; i < 125; ++i) expected.push_back(slowly(i));
  for (const int threads : {0, 1, 4})
    for (const int ahead : {1, 3, 64}) {
      Loader<std::uint64_t> loader(slowly, 5, threads, ahead);
      std::vector<std::uint64_t> all;
      for (const int n : {1, 7, 0, 100, 12})
        for (const std::uint64_t example : loader.next(n)) all.push_back(example);
      CHECK(all == expected);
    }
}

TEST_CASE("Loader: makes no more than it was told to beforehand") {
  std::atomic<int> made = 0;
  {
    Loader<int> loader([&](std::uint64_t) { return ++made; }, 0, 3, 5);
    (void)loader.next(2);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    CHECK(made <= 7);
    CHECK(made >= 2);
  }
  Loader<int> lazy([&](std::uint64_t) { return ++made; }, 0, 0, 5);
  const int before = made;
  (void)lazy.next(3);
  CHECK(made == before + 3);
}

TEST_CASE("Loader: what goes wrong in a thread is thrown where examples are taken, each time") {
  for (const int threads : {0, 2}) {
    Loader<int> loader(
        [](std::uint64_t i) {
          if (i == 3) throw Error("the third is bad");
          return static_cast<int>(i);
        },
        0, threads, 4);
    CHECK(loader.next(2) == std::vector{0, 1});
    CHECK_THROWS_WITH_AS((void)loader.next(4), "the third is bad", Error);
    CHECK_THROWS_WITH_AS((void)loader.next(1), "the third is bad", Error);
  }
  CHECK_THROWS_AS(Loader<int>([](std::uint64_t) { return 0; }, 0, 1, 0), Error);
  CHECK_THROWS_AS(Loader<int>([](std::uint64_t) { return 0; }, 0, -1, 1), Error);
}

TEST_CASE("Loader: examples that can only be moved; an end at any moment") {
  for (int i = 0; i < 20; ++i) {
    Loader<std::unique_ptr<int>> loader([](std::uint64_t n) { return std::make_unique<int>(static_cast<int>(n)); }, 7,
                                        3, 2);
    if (i % 2 == 0) CHECK(*loader.next(1)[0] == 7);
  }
}

TEST_CASE("FrameCache: several threads read the same pictures") {
  const test::TemporaryFolder folder;
  FrameCache cache(3 * 16 * 16 * 5);
  for (int i = 0; i < 8; ++i) {
    const auto file = folder / concat(i, ".png");
    if (i != 6) save_png(file, Image(16, 16, PixelOrder::rgb, static_cast<std::uint8_t>(10 * i)));
    cache.add(file);
  }
  Loader<int> loader(
      [&](std::uint64_t i) {
        const auto image = cache.get(Random(i).below(8));
        return image ? *image->at(8, 8) : -1;
      },
      0, 4, 16);
  const std::vector<int> values = loader.next(400);
  for (std::uint64_t i = 0; i < values.size(); ++i) {
    const auto picture = static_cast<int>(Random(i).below(8));
    REQUIRE(values[i] == (picture == 6 ? -1 : 10 * picture));
  }
  CHECK(cache.notes().size() == 1);
}

TEST_CASE("Loader: pairs that several threads draw are those that one draws") {
  TrainingFrames frames;
  Random noise(3);
  std::vector<Image> images(30, Image(40, 30, PixelOrder::rgb));
  for (Image& image : images)
    for (int i = 0; i < 40 * 30 * 3; ++i) image.data()[i] = static_cast<std::uint8_t>(noise.below(256));
  frames.add("noise", std::move(images), std::vector<Box>(30, {12, 9, 10, 8}));
  const AtomPairs pairs(std::make_shared<const TrainingFrames>(std::move(frames)), {}, {.side = 16});
  const auto make = [&](std::uint64_t i) {
    Random random = Random(1).fork(concat("example ", i));
    return pairs.draw(random);
  };
  Loader<BoxPair> alone(make, 0, 0, 1), together(make, 0, 4, 8);
  for (int batch = 0; batch < 20; ++batch) {
    const std::vector<BoxPair> a = alone.next(4), b = together.next(4);
    for (std::size_t i = 0; i < 4; ++i) {
      REQUIRE(std::equal(a[i].search.begin(), a[i].search.end(), b[i].search.begin()));
      REQUIRE(std::equal(a[i].reference.begin(), a[i].reference.end(), b[i].reference.begin()));
      REQUIRE(a[i].overlaps == b[i].overlaps);
    }
  }
}
