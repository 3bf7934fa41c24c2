// SPDX-License-Identifier: MIT
#include <pursuit/core/features.hpp>

#include <doctest/doctest.h>

TEST_CASE("FeatureMaps: levels are kept in order and top() is the last") {
  float fine[16] = {}, coarse[4] = {};
  pursuit::FeatureMaps<> maps;
  maps.add({{fine, {1, 1, 4, 4}}, 4});
  CHECK(maps.top().stride == 4);
  maps.add({{coarse, {1, 1, 2, 2}}, 8});
  CHECK(maps.levels == 2);
  CHECK(maps.level[0].values.data == fine);
  CHECK(maps.top().values.data == coarse);
  CHECK(maps.top().stride == 8);
  while (maps.levels < maps.max_levels) maps.add({});
  CHECK_THROWS_AS(maps.add({}), pursuit::Error);
}
