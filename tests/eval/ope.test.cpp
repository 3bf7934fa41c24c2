// SPDX-License-Identifier: MIT
#include <pursuit/eval/ope.hpp>

#include <doctest/doctest.h>

#include <limits>
#include <vector>

using namespace pursuit;

TEST_CASE("score_ope: identical boxes give an AUC of 20/21, as no IoU is above 1") {
  std::vector<Box> truth;
  for (int i = 0; i < 37; ++i) truth.push_back({i * 0.3, 20.0 / 3, 10 + i / 7.0, 12});
  const OpeScore score = score_ope(truth, truth);
  CHECK(score.auc() == doctest::Approx(20.0 / 21).epsilon(1e-12));
  CHECK(score.success[20] == 0);
  CHECK(score.success[19] == 1);
  CHECK(score.precision20() == 1);
  CHECK(score.precision[0] == 1);
  CHECK(score.mean_iou == doctest::Approx(1).epsilon(1e-12));
  CHECK(score.frames == 37);
}

TEST_CASE("score_ope: an IoU of exactly one half is no success at one half") {
  // Areas 2 and 1, the smaller inside: IoU 1/2, exactly. The first frame counts as right.
  const std::vector<Box> truth(4, Box{0, 0, 2, 1}), half(4, Box{0, 0, 1, 1});
  const OpeScore score = score_ope(half, truth);
  CHECK(score.success[9] == 1);
  CHECK(score.success[10] == 0.25);
  CHECK(score.auc() == doctest::Approx((10 + 10 * 0.25) / 21).epsilon(1e-12));
  CHECK(score.mean_iou == doctest::Approx((1 + 3 * 0.5) / 4).epsilon(1e-12));
}

TEST_CASE("score_ope: boxes that never overlap") {
  const std::vector<Box> truth(100, Box{0, 0, 10, 10}), far(100, Box{500, 0, 10, 10});
  const OpeScore score = score_ope(far, truth);
  CHECK(score.success[0] == 0.01);  // the given frame alone
  CHECK(score.precision20() == 0.01);
}

TEST_CASE("score_ope: the centre error counts up to and with the threshold") {
  const std::vector<Box> truth(3, Box{0, 0, 10, 10});
  const std::vector<Box> moved{{0, 0, 10, 10}, {12, 16, 10, 10}, {12.001, 16, 10, 10}};  // 0, 20, 20.0006 pixels
  const OpeScore score = score_ope(moved, truth);
  CHECK(score.precision[19] == doctest::Approx(1.0 / 3).epsilon(1e-12));
  CHECK(score.precision20() == doctest::Approx(2.0 / 3).epsilon(1e-12));
  CHECK(score.precision[21] == 1);
}

TEST_CASE("score_ope: centres, not corners") {
  CHECK(center_error({0, 0, 10, 10}, {3, 4, 4, 2}) == doctest::Approx(0).epsilon(1e-12));
  CHECK(center_error({0, 0, 1, 1}, {3, 4, 1, 1}) == doctest::Approx(5).epsilon(1e-12));
}

TEST_CASE("score_ope: frames without a true box are never hits") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<Box> truth{{0, 0, 10, 10}, {0, 0, 0, 10}, {nan, nan, nan, nan}, {0, 0, 10, 10}};
  const std::vector<Box> boxes(4, Box{0, 0, 10, 10});
  const OpeScore score = score_ope(boxes, truth);
  CHECK(score.success[0] == 0.5);
  CHECK(score.precision[50] == 0.5);
  CHECK(score.mean_iou == 0.5);
}

TEST_CASE("score_ope: the first prediction is not looked at; the longer list is cut") {
  const std::vector<Box> truth(2, Box{0, 0, 10, 10});
  const std::vector<Box> boxes{{500, 0, 10, 10}, {0, 0, 10, 10}, {500, 0, 10, 10}};
  CHECK(score_ope(boxes, truth).success[0] == 1);
  CHECK(score_ope(boxes, truth).frames == 2);
  CHECK_THROWS_AS(score_ope({}, truth), Error);
  CHECK_THROWS_AS(score_ope(boxes, {}), Error);
}

TEST_CASE("score_ope: a prediction that is not a number is a miss") {
  const std::vector<Box> truth(2, Box{0, 0, 10, 10});
  const std::vector<Box> boxes{truth[0], {std::numeric_limits<double>::quiet_NaN(), 0, 10, 10}};
  CHECK(score_ope(boxes, truth).success[0] == 0.5);
  CHECK(score_ope(boxes, truth).precision[50] == 0.5);
}
