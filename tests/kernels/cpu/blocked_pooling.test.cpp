// SPDX-License-Identifier: MIT
#include "../random_tensor.hpp"
#include "blocked.hpp"

#include <pursuit/kernels/cpu/blocked_pooling.hpp>
#include <pursuit/kernels/reference/pooling.hpp>

#include <doctest/doctest.h>

using namespace pursuit;

TEST_CASE("pooling in blocks: agrees with the plain loop") {
  struct Case {
    Shape<4> x;
    kernels::PoolingOptions options;
  };
  for (const Case& c :
       {Case{{2, 13, 11, 14}, {.kernel = 3, .stride = 2}},
        Case{{1, 16, 9, 8}, {.kernel = 3, .stride = 2, .padding = 1}}, Case{{1, 8, 5, 6}, {.kernel = 2, .stride = 2}},
        Case{{1, 24, 7, 7}, {.kernel = 7, .stride = 1}}}) {
    CAPTURE(c.options.kernel);
    auto x = random_tensor(c.x, 1);
    x -= 2.0F;  // the margin of zeros would be the largest
    const Shape<4> shape = kernels::pooling_shape("test", c.x, c.options);
    auto expected = make_tensor<float, 4>(shape);
    const auto in = in_blocks(x);
    auto out = unwritten_blocks(shape);
    kernels::reference::max_pool<float>(x, c.options, expected);
    kernels::max_pool_blocks(in.data(), c.x, c.options, out.data());
    CHECK(in_rows(out, shape) == expected);
    CHECK(fills_with_zeros(out, shape));

    kernels::reference::average_pool<float>(x, c.options, expected);
    kernels::average_pool_blocks(in.data(), c.x, c.options, out.data());
    CHECK(fills_with_zeros(out, shape));
    const auto y = in_rows(out, shape);
    // Sums of at most 49 numbers.
    CHECK(relative_difference(TensorView<const float, 4>(y), TensorView<const float, 4>(expected)) <
          7 * std::numeric_limits<float>::epsilon());
  }
}
