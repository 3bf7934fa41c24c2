// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace pursuit::inline v0 {

namespace detail {

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

inline std::string_view leading_digits(std::string_view s) {
  std::size_t n = 0;
  while (n < s.size() && is_digit(s[n])) ++n;
  return s.substr(0, n);
}

}  // namespace detail

/// Order of file names as people read them: runs of digits compare as numbers, so 2.jpg comes before 10.jpg.
/// Numbers of any length compare; names that differ in leading zeros only keep a fixed order.
inline bool numeric_less(std::string_view a, std::string_view b) {
  const std::string_view all_a = a, all_b = b;
  while (!a.empty() && !b.empty()) {
    if (detail::is_digit(a.front()) && detail::is_digit(b.front())) {
      std::string_view x = detail::leading_digits(a), y = detail::leading_digits(b);
      a.remove_prefix(x.size());
      b.remove_prefix(y.size());
      x.remove_prefix(std::min(x.find_first_not_of('0'), x.size()));
      y.remove_prefix(std::min(y.find_first_not_of('0'), y.size()));
      if (x.size() != y.size()) return x.size() < y.size();
      if (x != y) return x < y;
    } else {
      if (a.front() != b.front()) return static_cast<unsigned char>(a.front()) < static_cast<unsigned char>(b.front());
      a.remove_prefix(1);
      b.remove_prefix(1);
    }
  }
  return a.empty() != b.empty() ? a.empty() : all_a < all_b;
}

/// Whether the name ends as pictures we read do: .jpg, .jpeg or .png in any case. Files that begin with a point, as
/// some systems leave beside the pictures, are none.
inline bool has_picture_name(const std::filesystem::path& file) {
  if (file.filename().string().starts_with('.')) return false;
  std::string ending = file.extension().string();
  for (char& c : ending) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return ending == ".jpg" || ending == ".jpeg" || ending == ".png";
}

/// The pictures in a folder, in numeric order; empty where there are none.
/// Throws FileError where the folder cannot be read.
inline std::vector<std::filesystem::path> list_frames(const std::filesystem::path& folder) {
  std::error_code problem;
  std::filesystem::directory_iterator entries(folder, problem);
  if (problem) throw FileError(concat(folder.string(), ": ", problem.message()));
  std::vector<std::filesystem::path> frames;
  for (const auto& entry : entries)
    if (has_picture_name(entry.path()) && entry.is_regular_file(problem)) frames.push_back(entry.path());
  std::sort(frames.begin(), frames.end(),
            [](const auto& a, const auto& b) { return numeric_less(a.filename().string(), b.filename().string()); });
  return frames;
}

}  // namespace pursuit::inline v0
