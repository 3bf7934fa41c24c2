// SPDX-License-Identifier: MIT
#include <pursuit/io/tensor_table.hpp>

#include "../support/bytes.hpp"

#include <doctest/doctest.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

using namespace pursuit;

TEST_CASE("float_from_half: each of the 65536 numbers is sign * 2^(e-25) * (1024 + f), or as the standard says") {
  int wrong = 0;
  for (std::uint32_t h = 0; h < 65536; ++h) {
    const int e = static_cast<int>(h >> 10 & 31U), f = static_cast<int>(h & 1023U);
    const float sign = h & 0x8000U ? -1.0F : 1.0F;
    float expected = std::ldexp(static_cast<float>(1024 + f), e - 25);
    if (e == 0) expected = std::ldexp(static_cast<float>(f), -24);
    if (e == 31) expected = std::numeric_limits<float>::infinity();
    const float got = detail::float_from_half(static_cast<std::uint16_t>(h));
    if (e == 31 && f != 0) {
      wrong += !std::isnan(got);
    } else {
      wrong += got != sign * expected || std::signbit(got) != (sign < 0);
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("convert_to_float: all four types, at any alignment") {
  const auto convert = [](Dtype dtype, const std::string& bytes) {
    std::array<float, 2> out{};
    const std::string shifted = "x" + bytes;
    detail::convert_to_float(dtype, test::bytes_of(shifted).subspan(1), out);
    return out;
  };
  const auto bits = [](auto value) {
    using U = std::conditional_t<sizeof(value) == 8, std::uint64_t, std::uint32_t>;
    return test::little(std::bit_cast<U>(value), sizeof(value));
  };
  const std::array<float, 2> expected{1.5F, -3.0F};
  CHECK(convert(Dtype::f64, bits(1.5) + bits(-3.0)) == expected);
  CHECK(convert(Dtype::f32, bits(1.5F) + bits(-3.0F)) == expected);
  CHECK(convert(Dtype::f16, test::little(0x3E00, 2) + test::little(0xC200, 2)) == expected);
  CHECK(convert(Dtype::bf16, test::little(0x3FC0, 2) + test::little(0xC040, 2)) == expected);
}

TEST_CASE("is_finite: finds one NaN, one infinity and one double too large for float, wherever they are") {
  std::vector<double> values(3000, 1.0);
  const auto finite = [&] {
    return is_finite(StoredTensor{{"a", Dtype::f64, {3000}}, std::as_bytes(std::span(values))});
  };
  CHECK(finite());
  for (const std::size_t i : {0, 1023, 1024, 2999})
    for (const double bad : {std::nan(""), HUGE_VAL, -1e300}) {
      values[i] = bad;
      CHECK(!finite());
      values[i] = 1;
    }
  CHECK(is_finite(StoredTensor{{"a", Dtype::i8, {2}}, test::bytes_of("\xFF\xFF")}));
  CHECK(is_finite(StoredTensor{{"a", Dtype::f32, {0}}, {}}));
}

TEST_CASE("byte_count: products that do not fit are refused, also beside a zero") {
  const auto count = [](std::vector<Index> shape, std::size_t element) {
    std::size_t bytes = 0;
    return detail::byte_count(shape, element, bytes) ? static_cast<long long>(bytes) : -1;
  };
  CHECK(count({}, 4) == 4);
  CHECK(count({2, 3}, 8) == 48);
  CHECK(count({2, 0, 3}, 8) == 0);
  CHECK(count({-1}, 4) == -1);
  CHECK(count({Index{1} << 60}, 8) == -1);
  CHECK(count({Index{1} << 40, Index{1} << 40, 0}, 1) == -1);
}

TEST_CASE("printable: names out of files cannot write control characters or flood a terminal") {
  CHECK(detail::printable("a\x1B[31m\n") == "\"a?[31m?\"");
  CHECK(detail::printable(std::string(1000, 'x')).size() < 130);
}
