// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/data/sequence.hpp>
#include <pursuit/io/file_bytes.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace pursuit::inline v0 {

namespace detail {

/// The fields of a line, without blanks around them.
inline std::vector<std::string_view> split_at_commas(std::string_view line) {
  constexpr std::string_view blanks = " \t\r";
  std::vector<std::string_view> fields;
  while (true) {
    const std::size_t end = std::min(line.find(','), line.size());
    std::string_view field = line.substr(0, end);
    field.remove_prefix(std::min(field.find_first_not_of(blanks), field.size()));
    fields.push_back(field.substr(0, field.find_last_not_of(blanks) + 1));
    if (end == line.size()) return fields;
    line.remove_prefix(end + 1);
  }
}

}  // namespace detail

/// Boxes of single pictures, as detection data sets have them: each box becomes a sequence of one frame.
///
/// The first line of the file names its columns: `image` (a path from the file's folder), `x`, `y`, `w`, `h` (0-based
/// pixels) and perhaps `iscrowd`; others are passed over. Left out are boxes of crowds and those with a side below
/// `min_side` pixels. Pictures are not opened.
///
/// Throws FileError with name and line.
inline std::vector<Sequence> read_stills(const std::filesystem::path& file, double min_side = 1) {
  const std::string text = read_text(file), name = file.string();
  std::string_view rest = text;
  constexpr std::size_t none = static_cast<std::size_t>(-1);
  std::size_t image = none, box[4] = {none, none, none, none}, crowd = none, columns = 0;
  std::vector<Sequence> stills;
  for (std::size_t line = 1; line == 1 || !rest.empty(); ++line) {
    const std::string_view whole = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(whole.size() + 1, rest.size()));
    const std::vector<std::string_view> fields = detail::split_at_commas(whole);
    if (line == 1) {
      const auto column = [&](std::string_view what) {
        const auto at = std::find(fields.begin(), fields.end(), what);
        return at == fields.end() ? none : static_cast<std::size_t>(at - fields.begin());
      };
      columns = fields.size();
      image = column("image");
      crowd = column("iscrowd");
      for (std::size_t i = 0; i < 4; ++i) box[i] = column(std::string_view("xywh").substr(i, 1));
      if (image == none || std::find(std::begin(box), std::end(box), none) != std::end(box))
        throw FileError(concat(name, ":1: need the names of the columns, with image, x, y, w and h"));
      continue;
    }
    if (fields.size() == 1 && fields[0].empty()) continue;
    if (fields.size() != columns)
      throw FileError(concat(name, ":", line, ": ", fields.size(), " fields: the first line names ", columns));
    const auto number = [&](std::size_t i) {
      const std::string_view word = fields[i];
      double value = 0;
      const auto [end, problem] = std::from_chars(word.data(), word.data() + word.size(), value);
      if (problem != std::errc() || end != word.data() + word.size())
        throw FileError(concat(name, ":", line, ": '", word.substr(0, 40), "' is not a number"));
      return value;
    };
    const Box b{number(box[0]), number(box[1]), number(box[2]), number(box[3])};
    const bool is_crowd = crowd != none && number(crowd) != 0;
    if (is_crowd || !is_valid(b) || b.w < min_side || b.h < min_side) continue;
    Sequence still;
    still.name = concat(fields[image], ":", line);
    still.frames.push_back(file.parent_path() / fields[image]);
    still.boxes.push_back(b);
    stills.push_back(std::move(still));
  }
  return stills;
}

}  // namespace pursuit::inline v0
