// SPDX-License-Identifier: MIT
#include "result_files.hpp"

#include "commands.hpp"

#include <pursuit/io/atomic_file.hpp>
#include <pursuit/io/file_bytes.hpp>
#include <pursuit/io/number_table.hpp>

#include <cstdio>

namespace fs = std::filesystem;
using pursuit::Box;
using pursuit::concat;
using pursuit::FileError;
using pursuit::Region;

namespace {

std::string numbered(const std::string& sequence, std::size_t run, int digits) {
  char text[24];
  std::snprintf(text, sizeof text, "_%0*zu", digits, run + 1);
  return sequence + text;
}

void write_file(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  pursuit::AtomicFile file(path);
  file.write(text);
  file.commit();
}

}  // namespace

Protocol protocol_of(std::string_view name) {
  if (name == "ope") return Protocol::ope;
  if (name == "tre") return Protocol::tre;
  if (name == "sre") return Protocol::sre;
  if (name == "vot") return Protocol::vot;
  if (name == "realtime") return Protocol::realtime;
  if (name == "longterm") return Protocol::longterm;
  throw UsageError("--protocol " + std::string(name) + ": need one of ope, tre, sre, vot, realtime, longterm");
}

std::size_t runs_of(Protocol protocol, std::size_t repetitions) {
  switch (protocol) {
    case Protocol::tre: return 20;
    case Protocol::sre: return 12;
    case Protocol::realtime: return 1;
    case Protocol::longterm: return 1;
    default: return repetitions;
  }
}

fs::path ResultFiles::boxes(const std::string& sequence, std::size_t run) const {
  switch (protocol_) {
    case Protocol::ope:
      return got10k_ ? folder_ / sequence / (numbered(sequence, run, 3) + ".txt") : folder_ / (sequence + ".txt");
    case Protocol::tre: return folder_ / "tre" / (numbered(sequence, run, 2) + ".txt");
    case Protocol::sre: return folder_ / "sre" / (numbered(sequence, run, 2) + ".txt");
    case Protocol::vot: return folder_ / "baseline" / sequence / (numbered(sequence, run, 3) + ".txt");
    case Protocol::realtime: return folder_ / "realtime" / sequence / (numbered(sequence, run, 3) + ".txt");
    case Protocol::longterm: break;
  }
  return folder_ / "longterm" / sequence / (numbered(sequence, run, 3) + ".txt");
}

fs::path ResultFiles::times(const std::string& sequence, std::size_t run) const {
  const fs::path file = boxes(sequence, run);
  if (is_vot(protocol_)) return file.parent_path() / (numbered(sequence, run, 3) + "_time.value");
  if (protocol_ == Protocol::ope && got10k_) return file.parent_path() / (sequence + "_time.txt");
  return file.parent_path() / "times" / (file.stem().string() + "_time.txt");
}

fs::path ResultFiles::confidence(const std::string& sequence, std::size_t run) const {
  return boxes(sequence, run).parent_path() / (numbered(sequence, run, 3) + "_confidence.value");
}

std::vector<fs::path> ResultFiles::all(const std::string& sequence, std::size_t run) const {
  std::vector<fs::path> files{times(sequence, run), boxes(sequence, run)};
  if (protocol_ == Protocol::longterm) files.insert(files.begin(), confidence(sequence, run));
  return files;
}

bool ResultFiles::done(const std::string& sequence, std::size_t run) const {
  std::error_code ignored;
  return fs::is_regular_file(boxes(sequence, run), ignored);
}

void ResultFiles::write(const std::string& sequence, std::size_t run, const std::vector<Box>& boxes,
                        const std::vector<double>& seconds, pursuit::Origin origin) const {
  const double shift = origin == pursuit::Origin::one ? 1 : 0;
  std::string text;
  for (const Box& b : boxes) {
    for (const double v : {b.x + shift, b.y + shift, b.w, b.h}) {
      pursuit::put_number(text, v, 3);
      text += ',';
    }
    text.back() = '\n';
  }
  write_whole(sequence, run, text, seconds);
}

void ResultFiles::write(const std::string& sequence, std::size_t run, const std::vector<Region>& regions,
                        const std::vector<double>& seconds, const std::vector<double>& confidence) const {
  if (!confidence.empty()) {
    const fs::path file = this->confidence(sequence, run);
    fs::create_directories(file.parent_path());
    pursuit::write_times(file, confidence);
  }
  std::string text;
  for (const Region& r : regions) text += to_text(r) + '\n';
  write_whole(sequence, run, text, seconds);
}

void ResultFiles::write_whole(const std::string& sequence, std::size_t run, const std::string& lines,
                              const std::vector<double>& seconds) const {
  // GOT-10k keeps the times of all runs in one file, a column for each.
  std::vector<std::vector<double>> columns;
  if (protocol_ == Protocol::ope && got10k_)
    for (std::size_t r = 0; r < run; ++r) columns.push_back(read_seconds(sequence, r));
  columns.push_back(seconds);
  std::string text;
  for (std::size_t f = 0; f < seconds.size(); ++f) {
    for (const auto& column : columns) {
      pursuit::put_number(text, f < column.size() ? column[f] : 0, 8);
      text += ',';
    }
    text.back() = '\n';
  }
  write_file(times(sequence, run), text);
  write_file(boxes(sequence, run), lines);
}

std::vector<Box> ResultFiles::read_boxes(const std::string& sequence, std::size_t run, pursuit::Origin origin) const {
  return pursuit::read_results(boxes(sequence, run), origin);
}

std::vector<Region> ResultFiles::read_regions(const std::string& sequence, std::size_t run) const {
  const fs::path file = boxes(sequence, run);
  const std::string text = pursuit::read_text(file);
  std::vector<Region> regions;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const auto region = pursuit::parse_region(std::string_view(text).substr(begin, end - begin));
    if (!region)
      throw FileError(
          concat(file.string(), ":", regions.size() + 1, ": need a mark, a box or the corners of a polygon"));
    regions.push_back(*region);
    begin = end + 1;
  }
  return regions;
}

std::vector<double> ResultFiles::read_seconds(const std::string& sequence, std::size_t run) const {
  const fs::path file = times(sequence, run);
  std::error_code ignored;
  if (!fs::is_regular_file(file, ignored)) return {};
  const bool columns = protocol_ == Protocol::ope && got10k_;
  std::vector<double> seconds;
  for (const pursuit::NumberRow& row : pursuit::parse_numbers(pursuit::read_text(file), file.string()))
    seconds.push_back(columns && run < row.values.size() ? row.values[run] : row.values[0]);
  return seconds;
}

std::vector<double> ResultFiles::read_confidence(const std::string& sequence, std::size_t run) const {
  return pursuit::read_times(confidence(sequence, run));
}
