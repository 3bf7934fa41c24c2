// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/box.hpp>
#include <pursuit/io/file_bytes.hpp>
#include <pursuit/io/number_table.hpp>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <vector>

namespace pursuit::inline v0 {

/// What a file calls the upper-left pixel: (0, 0), or (1, 1) as Matlab does. Boxes in memory are always 0-based.
enum class Origin { zero, one };

/// Writes a result file as the public toolkits read it: one box a line, `x,y,w,h` with three decimals, the first line
/// being the box the tracker was given. Each line is handed to the system as it comes, so that a run that is killed
/// leaves them.
class ResultWriter {
 public:
  /// Throws FileError where the file cannot be created.
  ResultWriter(const std::filesystem::path& file, Origin origin)
      : file_(file), shift_(origin == Origin::one ? 1 : 0), out_(file, std::ios::binary) {
    if (!out_) throw FileError(concat(file_.string(), ": cannot be written: ", std::strerror(errno)));
  }

  void write(const Box& box) {
    line_.clear();
    for (const double value : {box.x + shift_, box.y + shift_, box.w, box.h}) {
      put_number(line_, value, 3);
      line_ += ',';
    }
    line_.back() = '\n';
    out_ << line_ << std::flush;
  }

  /// Throws FileError where a line did not reach the disk.
  void close() {
    out_.close();
    if (!out_) throw FileError(concat(file_.string(), ": writing failed: ", std::strerror(errno)));
  }

 private:
  std::filesystem::path file_;
  double shift_;
  std::ofstream out_;
  std::string line_;
};

/// Writes all boxes of one run. Throws FileError.
inline void write_results(const std::filesystem::path& file, std::span<const Box> boxes, Origin origin) {
  ResultWriter writer(file, origin);
  for (const Box& box : boxes) writer.write(box);
  writer.close();
}

/// Reads boxes back: four numbers a line, any of the separators in use. Throws FileError with file and line.
inline std::vector<Box> read_results(const std::filesystem::path& file, Origin origin) {
  const double shift = origin == Origin::one ? 1 : 0;
  std::vector<Box> boxes;
  for (const NumberRow& row : parse_numbers(read_text(file), file.string())) {
    if (row.values.size() != 4)
      throw FileError(concat(file.string(), ":", row.line, ": ", row.values.size(), " numbers: need 4 (x,y,w,h)"));
    boxes.push_back({row.values[0] - shift, row.values[1] - shift, row.values[2], row.values[3]});
  }
  return boxes;
}

/// Writes the seconds each frame took, one a line with eight decimals. Throws FileError.
inline void write_times(const std::filesystem::path& file, std::span<const double> seconds) {
  std::string text;
  for (const double s : seconds) {
    put_number(text, s, 8);
    text += '\n';
  }
  write_bytes(file, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

/// Reads what write_times() wrote. Throws FileError with file and line.
inline std::vector<double> read_times(const std::filesystem::path& file) {
  std::vector<double> seconds;
  for (const NumberRow& row : parse_numbers(read_text(file), file.string())) {
    if (row.values.size() != 1)
      throw FileError(concat(file.string(), ":", row.line, ": ", row.values.size(), " numbers: need one time a line"));
    seconds.push_back(row.values[0]);
  }
  return seconds;
}

}  // namespace pursuit::inline v0
