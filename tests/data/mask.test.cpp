// SPDX-License-Identifier: MIT
#include <pursuit/data/mask.hpp>

#include <doctest/doctest.h>

using namespace pursuit;

TEST_CASE("mask_box: the smallest box around what is not black") {
  for (const PixelOrder order : {PixelOrder::grey, PixelOrder::rgb}) {
    Image mask(20, 10, order);
    CHECK_FALSE(is_valid(mask_box(mask)));
    mask.at(7, 3)[mask.channels() - 1] = 1;  // the last channel alone counts
    CHECK(mask_box(mask) == Box{7, 3, 1, 1});
    mask.at(4, 8)[0] = 255;
    CHECK(mask_box(mask) == Box{4, 3, 4, 6});
    mask.at(0, 0)[0] = mask.at(19, 9)[0] = 2;
    CHECK(mask_box(mask) == Box{0, 0, 20, 10});
    CHECK(mask_box(subview(mask, 1, 1, 18, 8)) == Box{3, 2, 4, 6});
  }
  CHECK_THROWS_AS(mask_box(ImageView{}), Error);
}
