// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>
#include <pursuit/data/frame_list.hpp>
#include <pursuit/data/sequence.hpp>
#include <pursuit/io/file_bytes.hpp>
#include <pursuit/io/number_table.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pursuit::inline v0 {

/// What the columns of an attribute file mean, which its length tells: 11 OTB, 12 UAV123, 14 LaSOT, 15 TrackingNet;
/// empty for other lengths.
inline std::span<const std::string_view> attribute_names(std::size_t columns) {
  static constexpr std::array<std::string_view, 11> otb{"IV", "OPR", "SV", "OCC", "DEF", "MB",
                                                        "FM", "IPR", "OV", "BC",  "LR"};
  static constexpr std::array<std::string_view, 12> uav{"SV", "ARC", "LR", "FM", "FOC", "POC",
                                                        "OV", "BC",  "IV", "VC", "CM",  "SOB"};
  static constexpr std::array<std::string_view, 14> lasot{"IV", "POC", "DEF", "MB", "CM", "ROT", "BC",
                                                          "VC", "SV",  "FOC", "FM", "OV", "LR",  "ARC"};
  static constexpr std::array<std::string_view, 15> trackingnet{"SV", "ARC", "FM",  "LR",  "OV",  "IV",  "CM", "MB",
                                                                "BC", "SOB", "DEF", "IPR", "OPR", "POC", "FOC"};
  switch (columns) {
    case 11: return otb;
    case 12: return uav;
    case 14: return lasot;
    case 15: return trackingnet;
    default: return {};
  }
}

/// Reads a file of zeros and ones, one for each attribute of a data set. Throws FileError.
inline std::vector<std::string> read_attributes(const std::filesystem::path& file) {
  std::vector<double> flags;
  for (const NumberRow& row : parse_numbers(read_text(file), file.string()))
    flags.insert(flags.end(), row.values.begin(), row.values.end());
  const auto names = attribute_names(flags.size());
  if (names.empty())
    throw FileError(
        concat(file.string(), ": ", flags.size(),
               " numbers: need one for each attribute: 11 (OTB), 12 (UAV123), 14 (LaSOT), 15 (TrackingNet)"));
  std::vector<std::string> attributes;
  for (std::size_t i = 0; i < flags.size(); ++i)
    if (flags[i] != 0) attributes.emplace_back(names[i]);
  return attributes;
}

/// Reads the *.tag files in a VOT folder, by name, and adds the tag `empty`, which holds where no other does. Short
/// files say nothing of the frames after. Empty where there are no such files. Throws FileError with file and line.
inline std::vector<FrameTag> read_tags(const std::filesystem::path& folder, std::size_t frames) {
  std::vector<std::filesystem::path> files;
  std::error_code problem;
  for (const auto& entry : std::filesystem::directory_iterator(folder, problem))
    if (entry.path().extension() == ".tag") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<FrameTag> tags;
  FrameTag empty{"empty", std::vector<std::uint8_t>(frames, 1)};
  for (const auto& file : files) {
    FrameTag tag{file.stem().string(), {}};
    for (const NumberRow& row : parse_numbers(read_text(file), file.string(), frames + 1))
      for (const double v : row.values) {
        if (v != 0 && v != 1) throw FileError(concat(file.string(), ":", row.line, ": ", v, ": need 0 or 1"));
        tag.flags.push_back(v != 0);
      }
    tag.flags.resize(frames);
    for (std::size_t f = 0; f < frames; ++f) empty.flags[f] = empty.flags[f] && !tag.flags[f];
    tags.push_back(std::move(tag));
  }
  if (!tags.empty()) tags.push_back(std::move(empty));
  return tags;
}

}  // namespace pursuit::inline v0
