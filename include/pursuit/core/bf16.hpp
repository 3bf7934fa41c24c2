// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <cstdint>

namespace pursuit::inline v0 {

/// The nearest number that has the upper sixteen bits of a float only: eight binary digits and a float's range. Ties go
/// to the even one. A NaN stays one.
constexpr float round_to_bf16(float x) {
  constexpr std::uint32_t upper = 0xFFFF0000, quiet = 0x00400000;
  const auto bits = std::bit_cast<std::uint32_t>(x);
  const std::uint32_t nearest = bits + 0x7FFF + (bits >> 16 & 1);
  return std::bit_cast<float>((x == x ? nearest : bits | quiet) & upper);
}

/// A float in two bytes (bfloat16): storage, not arithmetic. It is made by rounding and computed with as a float.
struct bf16 {
  std::uint16_t bits = 0;

  constexpr bf16() = default;
  constexpr bf16(float x) : bits(static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(round_to_bf16(x)) >> 16)) {}
  constexpr operator float() const { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16); }
};

}  // namespace pursuit::inline v0
