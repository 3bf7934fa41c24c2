// SPDX-License-Identifier: MIT
#include <pursuit/eval/got10k.hpp>

#include <doctest/doctest.h>
#include <cstdint>
#include <vector>

using namespace pursuit;

TEST_CASE("GOT-10k: a box is moved into the frame at the left and above, and cut at the right and below") {
  CHECK(clip_to_frame({-5, -3, 20, 10}, 100, 50) == Box{0, 0, 20, 10});
  CHECK(clip_to_frame({90, 45, 20, 10}, 100, 50) == Box{90, 45, 10, 5});
  CHECK(clip_to_frame({120, 60, 20, 10}, 100, 50) == Box{100, 50, 0, 0});
  CHECK(clip_to_frame({10, 10, -4, 8}, 100, 50) == Box{10, 10, 0, 8});
  CHECK(clip_to_frame({-10, -10, 300, 300}, 100, 50) == Box{0, 0, 100, 50});
}

TEST_CASE("GOT-10k: all frames but the first of each run are one pool, and those that show nothing are left out") {
  const Box truth{10, 10, 20, 20}, half{10, 10, 20, 10}, away{60, 20, 20, 20};
  const std::vector<Box> three(3, truth), five(5, truth);
  Got10kScore score;
  score.add(std::vector<Box>{away, truth, half}, three, {}, 100, 50);  // 1 and exactly 0.5
  const std::vector<std::uint8_t> cover{8, 8, 0, 1, 8};
  score.add(std::vector<Box>{truth, away, away, truth, truth}, five, cover, 100, 50);  // 0, 1, 1
  CHECK(score.frames() == 5);
  CHECK(score.average_overlap() == doctest::Approx(3.5 / 5).epsilon(1e-12));
  CHECK(score.success_rate50() == doctest::Approx(3.0 / 5).epsilon(1e-12));  // 0.5 is not above 0.5
  CHECK(score.success_rate75() == doctest::Approx(3.0 / 5).epsilon(1e-12));
  const auto curve = score.curve();
  CHECK(curve[0] == doctest::Approx(4.0 / 5).epsilon(1e-12));
  CHECK(curve[50] == doctest::Approx(3.0 / 5).epsilon(1e-12));
  CHECK(curve[100] == 0);
  CHECK_THROWS_AS(score.add(three, five, {}, 100, 50), Error);
  CHECK_THROWS_AS(score.add(three, three, cover, 100, 50), Error);
  CHECK(Got10kScore().average_overlap() == 0);
}

TEST_CASE("GOT-10k: what lies outside the frame does not count against a box") {
  Got10kScore score;
  const std::vector<Box> truth{{0, 0, 1, 1}, {80, 10, 40, 20}}, cut{{0, 0, 1, 1}, {80, 10, 20, 20}};
  score.add(cut, truth, {}, 100, 50);
  CHECK(score.average_overlap() == doctest::Approx(1).epsilon(1e-12));
}
