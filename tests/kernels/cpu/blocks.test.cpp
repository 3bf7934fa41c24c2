// SPDX-License-Identifier: MIT
#include "../random_tensor.hpp"
#include "blocked.hpp"

#include <pursuit/kernels/cpu/blocks.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

using namespace pursuit;

TEST_CASE("to_blocks, to_rows: each number to its place, over odd channels and cells") {
  for (const Shape<4>& shape : {Shape<4>{1, 3, 5, 7}, {2, 8, 4, 4}, {1, 37, 3, 11}, {3, 20, 1, 1}, {1, 2, 15, 15}}) {
    CAPTURE(shape[1]);
    const auto x = random_tensor(shape, 1);
    auto blocks = unwritten_blocks(shape);
    kernels::to_blocks(x.data(), shape[0], shape[1], shape[2] * shape[3], blocks.data());
    CHECK(blocks == in_blocks(x));
    // One number more, to see that nothing is written past the end.
    std::vector<float> rows(x.size() + 1, 7.0F);
    kernels::to_rows(blocks.data(), shape[0], shape[1], shape[2] * shape[3], rows.data());
    CHECK(std::equal(x.begin(), x.end(), rows.begin()));
    CHECK(rows.back() == 7.0F);
  }
}
