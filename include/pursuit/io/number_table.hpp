// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>

#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pursuit::inline v0 {

/// One line of a text file of numbers.
struct NumberRow {
  std::size_t line = 0;  ///< counted from 1
  std::vector<double> values;
};

/// Reads lines of numbers, as tracking data sets write them: separated by commas, semicolons, tabs or blanks, in any
/// mixture; lines end in LF or CRLF, the last one perhaps in nothing. Lines without a number are skipped. NaN and inf
/// are numbers. The decimal sign is a point in every locale. `name` stands in front of messages.
/// Throws FileError with name and line for what is no number, and for a line of more than `max_values` numbers.
inline std::vector<NumberRow> parse_numbers(std::string_view text, const std::string& name,
                                            std::size_t max_values = 64) {
  const auto is_separator = [](char c) { return c == ',' || c == ';' || c == '\t' || c == ' ' || c == '\r'; };
  std::vector<NumberRow> rows;
  for (std::size_t line = 1; !text.empty(); ++line) {
    const std::string_view whole = text.substr(0, text.find('\n'));
    text.remove_prefix(whole.size() == text.size() ? whole.size() : whole.size() + 1);
    NumberRow row{line, {}};
    std::string_view rest = whole;
    while (true) {
      while (!rest.empty() && is_separator(rest.front())) rest.remove_prefix(1);
      if (rest.empty()) break;
      std::size_t length = 0;
      while (length < rest.size() && !is_separator(rest[length])) ++length;
      const std::string_view word = rest.substr(0, length);
      const std::string_view digits = word.starts_with('+') ? word.substr(1) : word;
      double value = 0;
      const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
      if (problem != std::errc() || end != digits.data() + digits.size())
        throw FileError(concat(name, ":", line, ": '", word.substr(0, 40), "' is not a number"));
      if (row.values.size() == max_values)
        throw FileError(concat(name, ":", line, ": more than ", max_values, " numbers in a line"));
      row.values.push_back(value);
      rest.remove_prefix(length);
    }
    if (!row.values.empty()) rows.push_back(std::move(row));
  }
  return rows;
}

/// Appends `value` with a fixed number of digits after the point; the same in every locale.
inline void put_number(std::string& out, double value, int digits) {
  char text[400];  // the longest double has 309 digits before the point
  const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, digits).ptr;
  out.append(text, end);
}

}  // namespace pursuit::inline v0
