// SPDX-License-Identifier: MIT
#include <pursuit/io/number_table.hpp>

#include "../support/bytes.hpp"

#include <doctest/doctest.h>

#include <clocale>
#include <cmath>
#include <limits>

using namespace pursuit;

namespace {
std::string refusal(const std::string& text) {
  return test::message_of<FileError>([&] { parse_numbers(text, "boxes.txt"); });
}
}  // namespace

TEST_CASE("parse_numbers: every separator and line ending in use gives the same numbers") {
  const std::vector<double> first{1, 2.5, -3e2, 4}, second{5, 6, 7, 8};
  for (const char* text : {"1,2.5,-3e2,4\n5,6,7,8\n", "1\t2.5\t-300\t4\n5\t6\t7\t8\n", "1 2.5 -300 4\n5 6 7 8",
                           "1,2.5,-300,4\r\n5,6,7,8\r\n", "1,2.5,-300,4\r\n5,6,7,8", " 1, 2.5,\t-300 ,+4 \n5;6;7;8;"}) {
    CAPTURE(text);
    const auto rows = parse_numbers(text, "x");
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].values == first);
    CHECK(rows[1].values == second);
    CHECK(rows[1].line == 2);
  }
}

TEST_CASE("parse_numbers: empty lines are skipped and counted; no text, no rows") {
  const auto rows = parse_numbers("\n1\n \r\n2\n\n", "x");
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].line == 2);
  CHECK(rows[1].line == 4);
  CHECK(parse_numbers("", "x").empty());
  CHECK(parse_numbers("\n\n", "x").empty());
}

TEST_CASE("parse_numbers: NaN and infinity are numbers") {
  const auto rows = parse_numbers("NaN,nan,-inf,Infinity", "x");
  CHECK(std::isnan(rows[0].values[0]));
  CHECK(std::isnan(rows[0].values[1]));
  CHECK(rows[0].values[2] == -std::numeric_limits<double>::infinity());
  CHECK(rows[0].values[3] == std::numeric_limits<double>::infinity());
}

TEST_CASE("parse_numbers: what is no number is named with its line") {
  CHECK(refusal("1,2\n3,x4\n") == "boxes.txt:2: 'x4' is not a number");
  CHECK(refusal("1.5.2") == "boxes.txt:1: '1.5.2' is not a number");
  CHECK(refusal("1,2,3px") == "boxes.txt:1: '3px' is not a number");
  CHECK(refusal("-") == "boxes.txt:1: '-' is not a number");
  CHECK(refusal("1e999") == "boxes.txt:1: '1e999' is not a number");
  CHECK(refusal("0x10") == "boxes.txt:1: '0x10' is not a number");
  CHECK(test::contains(refusal(std::string(1000, 'y')), "'yyyy"));
  CHECK(refusal(std::string(1000, 'y')).size() < 100);
  std::string many;
  for (int i = 0; i < 65; ++i) many += "1 ";
  CHECK(refusal(many) == "boxes.txt:1: more than 64 numbers in a line");
}

TEST_CASE("put_number: fixed digits, the same whatever the locale") {
  const auto text = [](double value, int digits) {
    std::string out;
    put_number(out, value, digits);
    return out;
  };
  CHECK(text(3.14159, 3) == "3.142");
  CHECK(text(-2, 1) == "-2.0");
  CHECK(text(0.0005, 3) == "0.001");  // the double nearest to 0.0005 is above it
  CHECK(text(1e300, 0).size() == 301);
  CHECK(text(std::numeric_limits<double>::max(), 8).size() == 318);
  if (std::setlocale(LC_NUMERIC, "de_DE.UTF-8") == nullptr) MESSAGE("skipped: no German locale here");
  CHECK(text(1.5, 1) == "1.5");
  CHECK(parse_numbers("1.5", "x")[0].values[0] == 1.5);
  std::setlocale(LC_NUMERIC, "C");
}
