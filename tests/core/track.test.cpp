// SPDX-License-Identifier: MIT
#include <pursuit/core/track.hpp>

#include <doctest/doctest.h>

#include <string_view>

using pursuit::TrackStatus;

TEST_CASE("TrackStatus: every status has its own name") {
  CHECK(std::string_view(to_string(TrackStatus::tracking)) == "tracking");
  CHECK(std::string_view(to_string(TrackStatus::uncertain)) == "uncertain");
  CHECK(std::string_view(to_string(TrackStatus::lost)) == "lost");
  CHECK(std::string_view(to_string(TrackStatus::bad_frame)) == "bad_frame");
}
