// SPDX-License-Identifier: MIT
#include <pursuit/check/rendered_frames.hpp>

#include <pursuit/check/scenes.hpp>

#include <doctest/doctest.h>

#include <algorithm>

using namespace pursuit;

TEST_CASE("RenderedFrames: the frames of the sequence, in order, then the end") {
  check::RenderedSequence sequence(check::moving(3, 4, 2));
  check::RenderedFrames source(check::moving(3, 4, 2));
  CHECK(source.size() == 3);
  SourceFrame frame;
  for (int t = 0; t < 3; ++t) {
    REQUIRE(source.next(frame));
    CHECK(frame.error.empty());
    const Image expected(sequence.frame(t)), got(frame.image);
    CHECK(std::equal(got.data(), got.data() + got.width() * got.height() * 3, expected.data()));
  }
  CHECK_FALSE(source.next(frame));
}
