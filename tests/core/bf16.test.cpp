// SPDX-License-Identifier: MIT
#include <pursuit/core/bf16.hpp>

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

using pursuit::bf16;
using pursuit::round_to_bf16;

namespace {

float from_bits(std::uint32_t bits) { return std::bit_cast<float>(bits); }

}  // namespace

TEST_CASE("bf16: two bytes, of which a float is made without loss") {
  static_assert(sizeof(bf16) == 2);
  for (std::uint32_t upper = 0; upper <= 0xFFFF; ++upper) {
    const float x = from_bits(upper << 16);
    if (!std::isnan(x)) REQUIRE(bf16(x).bits == upper);
  }
}

TEST_CASE("bf16: the nearest one, ties to even") {
  static_assert(float(bf16(1.0F)) == 1.0F);
  // 1 + 2^-7 is the next one after 1.
  CHECK(round_to_bf16(from_bits(0x3F807FFF)) == 1.0F);
  CHECK(round_to_bf16(from_bits(0x3F808000)) == 1.0F);                   // a tie: down to the even one
  CHECK(round_to_bf16(from_bits(0x3F808001)) == from_bits(0x3F810000));  // just above it
  CHECK(round_to_bf16(from_bits(0x3F818000)) == from_bits(0x3F820000));  // a tie: up to the even one
  CHECK(round_to_bf16(from_bits(0xBF818000)) == from_bits(0xBF820000));
  CHECK(round_to_bf16(from_bits(0x00008001)) == from_bits(0x00010000));  // denormal
}

TEST_CASE("bf16: what is no number, and what is too large") {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  CHECK(round_to_bf16(infinity) == infinity);
  CHECK(round_to_bf16(-infinity) == -infinity);
  CHECK(round_to_bf16(std::numeric_limits<float>::max()) == infinity);
  CHECK(std::isnan(round_to_bf16(std::numeric_limits<float>::quiet_NaN())));
  // Payloads that rounding would carry into the exponent or the sign, or that are in the lower half only.
  CHECK(std::isnan(round_to_bf16(from_bits(0x7FFFFFFF))));
  CHECK(std::isnan(round_to_bf16(from_bits(0xFFFFFFFF))));
  CHECK(std::isnan(round_to_bf16(from_bits(0x7F800001))));
}
