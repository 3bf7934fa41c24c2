// SPDX-License-Identifier: MIT
#include "../backbone/golden_input.hpp"
#include "../support/shared_folder.hpp"

#include <pursuit/kernels/crop.hpp>
#include <pursuit/train/atom_pairs.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

using namespace pursuit;

namespace {

/// A frame whose pixel (x, y) is (x, y, 100), so that a patch says where it was taken from.
Image map_of_places(int width, int height) {
  Image image(width, height, PixelOrder::rgb, 100);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      image.at(x, y)[0] = static_cast<std::uint8_t>(x);
      image.at(x, y)[1] = static_cast<std::uint8_t>(y);
    }
  return image;
}

std::shared_ptr<const TrainingFrames> frames_of(const Image& image, const Box& box) {
  TrainingFrames frames;
  frames.add("still", {image}, {box});
  return std::make_shared<const TrainingFrames>(std::move(frames));
}

}  // namespace

TEST_CASE("AtomCrop: patches and boxes are those of the public code") {
  struct Case {
    int height, width;
    Box target, around;
    bool last_row;  // the public code leaves out the last column and row where a square reaches them
  };
  // As in tests/golden/training_crops.py.
  const Case cases[] = {{90, 120, {40.25, 30.5, 22, 15}, {43.5, 28.25, 18.5, 16.25}, false},
                        {60, 80, {30, 25, 7, 8}, {31.5, 24.75, 6.5, 7.25}, false},
                        {60, 81, {4.5, 3.25, 15, 22}, {-3.25, -5.5, 17, 19.5}, false},
                        {60, 80, {60.5, 40, 16, 17}, {63.25, 44.5, 15, 18}, true}};
  const Weights expected = golden("training_crops.safetensors");
  for (std::uint64_t i = 0; i < std::size(cases); ++i) {
    CAPTURE(i);
    const Case& c = cases[i];
    const Tensor<float, 4> values = golden_pixels(41 + i, {1, c.height, c.width, 3});
    const std::vector<std::uint8_t> bytes(values.begin(), values.end());
    ImageView frame = packed_view(bytes.data(), c.width, c.height, PixelOrder::rgb);
    if (c.last_row) frame = subview(frame, 0, 0, c.width - 1, c.height - 1);
    const AtomCrop square(c.around, 5, 64);
    Tensor<float, 4> patch = make_tensor<float, 4>({1, 3, 64, 64});
    kernels::crop(frame, square.crop, {}, TensorView<float, 4>(patch)[0]);
    const Shape<1> shape{(3 * 64 * 64 + 10) / 11};
    CHECK(golden_difference(patch, 11, expected.get<1>(concat("atom.", i, ".crop"), shape)) == 0);
    const auto box = expected.get<1>(concat("atom.", i, ".box"), {4});
    const Box b = square.to_patch(c.target);
    // The public code computes in float: numbers to 100 or so.
    CHECK(b.x == doctest::Approx(box(0)).epsilon(1e-5));
    CHECK(b.y == doctest::Approx(box(1)).epsilon(1e-5));
    CHECK(b.w == doctest::Approx(box(2)).epsilon(1e-5));
    CHECK(b.h == doctest::Approx(box(3)).epsilon(1e-5));
  }
}

TEST_CASE("jittered: sizes and places are spread as published") {
  const Box target{50, 60, 20, 40};
  Random random(5);
  const int n = 20000;
  double log_sum = 0, log_squares = 0, low = 9, high = -9, place = 0;
  for (int i = 0; i < n; ++i) {
    const Box b = jittered(target, 4.5, 0.5, random);
    const double l = std::log(b.w / target.w), reach = std::sqrt(b.w * b.h);
    log_sum += l / n;
    log_squares += l * l / n;
    const double moved = (center(b).y - center(target).y) / reach;
    low = std::min(low, moved);
    high = std::max(high, moved);
    place += moved / n;
  }
  // Four standard errors of 20000 draws each.
  CHECK(std::abs(log_sum) < 4 * 0.5 / std::sqrt(n));
  CHECK(std::sqrt(log_squares) == doctest::Approx(0.5).epsilon(4 / std::sqrt(2.0 * n)));
  CHECK(std::abs(place) < 4 * 4.5 / std::sqrt(12.0 * n));
  CHECK(low >= -2.25);
  CHECK(high <= 2.25);
  CHECK(low < -2.24);
  CHECK(high > 2.24);
  const Box same = jittered(target, 0, 0, random);
  CHECK(same == target);
}

TEST_CASE("AtomPairs: boxes lie where the target is in the patches") {
  const Box box{90, 70, 24, 18};
  for (const double flip : {0.0, 1.0}) {
    const AtomPairs pairs(frames_of(map_of_places(200, 160), box), {},
                          {.side = 96, .flip = flip, .colours = ColourJitter::none()});
    Random random(3);
    for (int i = 0; i < 20; ++i) {
      const BoxPair pair = pairs.draw(random);
      // The reference is a square of ceil(5 sqrt(24 * 18)) = 104 pixels around (102, 79), first pixel (50, 27).
      CHECK(pair.reference_box.w == doctest::Approx(24 * 96 / 104.0));
      CHECK(pair.reference_box.x + pair.reference_box.w / 2 == doctest::Approx(47.5));
      for (const int u : {10, 47, 85}) {
        const double x = 50 - 0.5 + ((flip == 1 ? 95 - u : u) + 0.5) * 104 / 96;
        CHECK(std::abs(pair.reference(0, 5, u) - x) <= 0.6);
        CHECK(std::abs(pair.reference(1, u, 5) - (27 - 0.5 + (u + 0.5) * 104 / 96)) <= 0.6);
      }
      // Two places of the search patch near the target's middle tell where that lies, within rounding.
      const Point c = center(pair.search_box);
      const int u = static_cast<int>(std::floor(c.x)), v = static_cast<int>(std::floor(c.y));
      REQUIRE(u >= 0);
      REQUIRE(v >= 0);
      REQUIRE(u + 1 < 96);
      REQUIRE(v + 1 < 96);
      const double seen_x = pair.search(0, v, u) + (c.x - u) * (pair.search(0, v, u + 1) - pair.search(0, v, u));
      const double seen_y = pair.search(1, v, u) + (c.y - v) * (pair.search(1, v + 1, u) - pair.search(1, v, u));
      // Half a pixel for the square's place in whole pixels, half and a tenth for values in whole numbers, whose
      // weights have 11 bits. The target's middle, (102, 79) in areas, is (101.5, 78.5) in pixel centres.
      CHECK(std::abs(seen_x - 101.5) <= 1.1);
      CHECK(std::abs(seen_y - 78.5) <= 1.1);
    }
  }
}

TEST_CASE("AtomPairs: proposals overlap, and their labels say how much") {
  const AtomPairs pairs(frames_of(map_of_places(200, 160), {90, 70, 24, 18}), {},
                        {.side = 96, .proposals = {.count = 16, .min_overlap = 0.1}});
  Random random(9);
  int close = 0, far = 0;
  for (int i = 0; i < 100; ++i) {
    const BoxPair pair = pairs.draw(random);
    REQUIRE(pair.proposals.size() == 16);
    REQUIRE(pair.overlaps.size() == 16);
    for (std::size_t k = 0; k < 16; ++k) {
      const double overlap = iou(pair.search_box, pair.proposals[k]);
      CHECK(overlap > 0.1);
      CHECK(pair.overlaps[k] == doctest::Approx(2 * overlap - 1));
      close += overlap > 0.8;
      far += overlap < 0.4;
    }
  }
  // Of five spreads the smallest leaves boxes close, the largest brings them far away.
  CHECK(close > 200);
  CHECK(far > 200);
}

TEST_CASE("draw_proposal: noise of the given spread, in whole pixels") {
  const Box target{100, 80, 60, 40};
  const ProposalRule rule{.spread = {0.05, 0.05, 0.05, 0.05, 0.05}};
  Random random(4);
  const int n = 4000;
  double x = 0, w = 0;
  for (int i = 0; i < n; ++i) {
    const Box b = draw_proposal(target, rule, random);
    CHECK(b.x == std::nearbyint(b.x));
    CHECK(b.h == std::nearbyint(b.h));
    x += std::pow(b.x + b.w / 2 - 130, 2) / n;
    w += std::pow(b.w - 60, 2) / n;
  }
  // The variance of the noise and that of rounding (1/12; of the middle of two rounded numbers 1/12 + 1/48).
  const double noise = std::pow(0.05 * std::sqrt(60.0 * 40.0), 2);
  CHECK(w == doctest::Approx(noise + 1 / 12.0).epsilon(4 * std::sqrt(2.0 / n)));
  CHECK(x == doctest::Approx(noise + 5 / 48.0).epsilon(4 * std::sqrt(2.0 / n)));
  // A spread that no box of overlaps with is taken back until one does.
  for (int i = 0; i < 100; ++i)
    CHECK(iou(target, draw_proposal(target, {.min_overlap = 0.5, .spread = {3, 3, 3, 3, 3}}, random)) > 0.5);
}

TEST_CASE("AtomPairs: colours are changed as published") {
  const auto frames = frames_of(Image(60, 60, PixelOrder::rgb, 200), {20, 20, 15, 15});
  const AtomPairs pairs(frames, {}, {.side = 16});
  Random random(2);
  const int n = 3000;
  double low = 300, high = 0, sum = 0;
  for (int i = 0; i < n; ++i) {
    const BoxPair pair = pairs.draw(random);
    const double v = pair.search(0, 8, 8);
    low = std::min(low, v);
    high = std::max(high, v);
    sum += v / n;
    CHECK(pair.search(0, 3, 12) == pair.search(0, 8, 8));  // one factor for a patch
  }
  // 200 times 0.8 to 1.2.
  CHECK(low >= 159.9);
  CHECK(low < 160.5);
  CHECK(high <= 240.1);
  CHECK(high > 239.5);
  CHECK(std::abs(sum - 200) < 4 * 80 / std::sqrt(12.0 * n));

  Image colour(40, 40, PixelOrder::bgr, 0);  // pure blue, then red at the right
  for (int y = 0; y < 40; ++y)
    for (int x = 0; x < 40; ++x) colour.at(x, y)[x < 20 ? 0 : 2] = 250;
  const Crop whole = resized({0, 0, 39, 39}, 40, 40);
  for (const PixelOrder order : {PixelOrder::rgb, PixelOrder::bgr}) {
    const PixelFormat format{.order = order, .mean = {10, 20, 30}, .scale = {2, 3, 4}};
    const auto grey = changed_crop(colour, whole, format, {.grey = true, .brightness = 1});
    const auto bright = changed_crop(colour, whole, format, {.grey = false, .brightness = 2});
    for (std::size_t c = 0; c < 3; ++c) {
      CHECK(grey(c, 5, 5) == doctest::Approx((0.114 * 250 - format.mean[c]) * format.scale[c]));
      CHECK(grey(c, 5, 35) == doctest::Approx((0.299 * 250 - format.mean[c]) * format.scale[c]));
      const bool lit = c == (order == PixelOrder::rgb ? 0U : 2U);  // red, at the right; 500 is clamped to 255
      CHECK(bright(c, 5, 35) == doctest::Approx(((lit ? 255 : 0) - format.mean[c]) * format.scale[c]));
    }
  }
  // A bright pixel becomes a bell, alike in rows and columns, that keeps the sum.
  Image dark(40, 40, PixelOrder::rgb, 0);
  dark.at(20, 20)[0] = 250;
  const auto blurred = changed_crop(dark, whole, {}, {.blur = 2});
  double sum_of_bell = 0;
  for (std::size_t y = 0; y < 40; ++y)
    for (std::size_t x = 0; x < 40; ++x) sum_of_bell += static_cast<double>(blurred(0, y, x));
  CHECK(sum_of_bell == doctest::Approx(250));
  for (const std::size_t d : {1U, 2U, 3U}) {
    const double fall = std::exp(-0.5 * static_cast<double>(d * d) / 4);
    CHECK(blurred(0, 20, 20 + d) == doctest::Approx(fall * static_cast<double>(blurred(0, 20, 20))));
    CHECK(blurred(0, 20 - d, 20) == doctest::Approx(blurred(0, 20, 20 + d)));
  }
  Image edge(40, 40, PixelOrder::rgb, 200);  // the last pixel goes on beyond the border
  CHECK(changed_crop(edge, whole, {}, {.blur = 2})(0, 0, 39) == doctest::Approx(200));
  const auto flat = changed_crop(colour, whole, {}, {.contrast = 0.5F, .tint = {0.5F, 1, 1}});
  CHECK(flat(0, 5, 35) == doctest::Approx(64 + 0.5 * 0.5 * changed_crop(colour, whole, {}, {})(0, 5, 35)));
  const ColourJitter strong{.contrast = 0.3, .tint = 0.1, .blur = 3};
  int blurs = 0;
  for (int i = 0; i < 4000; ++i) {
    const ColourChange c = strong.draw(false, random);
    blurs += c.blur > 0;
    CHECK(c.blur <= 3);
    CHECK(std::abs(c.contrast - 1) <= 0.3001F);
    for (const float t : c.tint) CHECK(std::abs(t - 1) <= 0.1001F);
  }
  CHECK(std::abs(blurs - 2000) < 4 * std::sqrt(1000.0));
  const ColourJitter jitter{};
  int greys = 0;
  for (int i = 0; i < 20000; ++i) greys += jitter.draw_grey(random);
  CHECK(std::abs(greys - 1000) < 4 * std::sqrt(20000 * 0.05 * 0.95));
}

TEST_CASE("AtomPairs: an example is a function of the generator alone") {
  const AtomPairs pairs(frames_of(map_of_places(100, 80), {40, 30, 14, 18}), {}, {.side = 32, .flip = 0.5});
  Random one(77), same(77), other(78);
  const BoxPair a = pairs.draw(one), b = pairs.draw(same), c = pairs.draw(other);
  CHECK(std::equal(a.search.begin(), a.search.end(), b.search.begin()));
  CHECK(a.search_box == b.search_box);
  CHECK(a.proposals == b.proposals);
  CHECK(a.overlaps == b.overlaps);
  CHECK(a.search_box != c.search_box);
}

TEST_CASE("AtomPairs: every example of real frames is sound") {
  const auto data = test::shared_folder() / "data";
  if (!std::filesystem::exists(data / "stills/coco_tiny/boxes.csv")) {
    MESSAGE("skipped: no data in " << data.string());
    return;
  }
  TrainingFrames frames;
  frames.add_source("videos");
  frames.add_dataset(data / "train");
  frames.add_source("stills");
  frames.add_stills(data / "stills/coco_tiny/boxes.csv");
  const AtomPairs pairs(std::make_shared<const TrainingFrames>(std::move(frames)), {}, {.side = 144});
  for (int i = 0; i < 60; ++i) {
    Random random = Random(1).fork(concat("example ", i));
    const BoxPair pair = pairs.draw(random);
    CAPTURE(i);
    CHECK(center(pair.reference_box).x == doctest::Approx(71.5));
    CHECK(center(pair.reference_box).y == doctest::Approx(71.5));
    // A patch is 5 targets wide, but for whole pixels: sqrt(w h) = 144 / 5, up to 1 in 50 pixels of the frame.
    CHECK(std::sqrt(area(pair.reference_box)) == doctest::Approx(144 / 5.0).epsilon(0.02));
    // Half a patch is 2.5 jittered targets, and centres move by at most 2.25.
    CHECK(std::abs(center(pair.search_box).x - 71.5) <= 0.45 * 144);
    CHECK(std::abs(center(pair.search_box).y - 71.5) <= 0.45 * 144);
    const auto ends = std::minmax_element(pair.search.begin(), pair.search.end());
    CHECK(*ends.first >= 0);
    CHECK(*ends.second <= 255);
    CHECK(*ends.second - *ends.first > 30);  // it shows something
  }
}

TEST_CASE("AtomPairs: options that are none are errors") {
  const auto frames = frames_of(map_of_places(50, 40), {20, 10, 14, 18});
  CHECK_THROWS_WITH_AS(AtomPairs(frames, {}, {.side = 8}), doctest::Contains("patches of 8 pixels"), Error);
  CHECK_THROWS_AS(AtomPairs(frames, {}, {.padding = 0}), Error);
  CHECK_THROWS_AS(AtomPairs(frames, {}, {.centre_jitter = -1}), Error);
  CHECK_THROWS_AS(AtomPairs(frames, {}, {.scale_jitter = std::nan("")}), Error);
  CHECK_THROWS_AS(AtomPairs(frames, {.order = PixelOrder::grey}, {}), Error);
  CHECK_THROWS_AS(AtomPairs(frames, {}, {.proposals = {.count = -1}}), Error);
}
