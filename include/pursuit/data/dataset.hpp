// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/data/attributes.hpp>
#include <pursuit/data/frame_list.hpp>
#include <pursuit/data/open_sequence.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <filesystem>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pursuit::inline v0 {

/// How a data set lies below its root folder. `any` takes every folder that open_sequence() understands.
enum class DatasetKind { any, otb, vot, got10k, lasot, trackingnet, uav123, davis };

/// Throws Error, with the names there are, for an unknown one.
inline DatasetKind dataset_kind(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, DatasetKind>, 8> all{{{"any", DatasetKind::any},
                                                                         {"otb", DatasetKind::otb},
                                                                         {"vot", DatasetKind::vot},
                                                                         {"got10k", DatasetKind::got10k},
                                                                         {"lasot", DatasetKind::lasot},
                                                                         {"trackingnet", DatasetKind::trackingnet},
                                                                         {"uav123", DatasetKind::uav123},
                                                                         {"davis", DatasetKind::davis}}};
  std::string names;
  for (const auto& [text, kind] : all) {
    if (text == name) return kind;
    names += (names.empty() ? "" : ", ") + std::string(text);
  }
  throw Error(concat("data set \"", name, "\": need one of ", names));
}

/// A sequence of a data set that has not been opened.
struct DatasetEntry {
  std::string name;
  std::filesystem::path path;        ///< what open_sequence() takes, or the folder of frames
  std::filesystem::path annotation;  ///< where it lies apart from the frames, else empty
  Origin origin = Origin::zero;      ///< of that annotation
  /// Numbers in the frames' file names that belong to the sequence; the others are left out.
  long first_number = 0;
  long last_number = std::numeric_limits<long>::max();
  std::vector<std::string> attributes;
  std::filesystem::path init_omit;  ///< lists the frames where no run of TRE may begin; empty without such a file
};

namespace detail {

/// OTB sequences whose annotation is for a part of the frames; by the number in the file name.
inline void set_otb_range(DatasetEntry& entry) {
  struct Range {
    std::string_view name;
    long first, last;
  };
  constexpr std::array<Range, 7> ranges{{{"David", 300, 770},
                                         {"Football1", 1, 74},
                                         {"Freeman3", 1, 460},
                                         {"Freeman4", 1, 283},
                                         {"BlurCar1", 247, 988},
                                         {"BlurCar3", 3, 359},
                                         {"BlurCar4", 18, 397}}};
  for (const Range& r : ranges)
    if (r.name == entry.name) entry.first_number = r.first, entry.last_number = r.last;
}

/// UAV123 cuts some videos into several sequences; car6_2 is frames 487 ... of the video car6.
inline long uav123_first(std::string_view name) {
  struct Start {
    std::string_view name;
    long first;
  };
  constexpr std::array<Start, 31> starts{
      {{"bird1_2", 775},     {"bird1_3", 1573},    {"car1_2", 751},      {"car1_3", 1627},     {"car16_2", 415},
       {"car6_2", 487},      {"car6_3", 1807},     {"car6_4", 2953},     {"car6_5", 3925},     {"car8_2", 1357},
       {"group1_2", 1333},   {"group1_3", 2515},   {"group1_4", 3925},   {"group2_2", 907},    {"group2_3", 1771},
       {"group3_2", 1567},   {"group3_3", 2827},   {"group3_4", 4369},   {"person12_2", 601},  {"person14_2", 847},
       {"person14_3", 1813}, {"person17_2", 1501}, {"person19_2", 1243}, {"person19_3", 2791}, {"person2_2", 1189},
       {"person4_2", 1501},  {"person5_2", 877},   {"person7_2", 1249},  {"person8_2", 1075},  {"truck4_2", 577},
       {"uav1_2", 1555}}};
  if (name == "uav1_3") return 2473;
  for (const Start& s : starts)
    if (s.name == name) return s.first;
  return 1;
}

/// The number at the end of a file's name without its ending; -1 without one.
inline long number_in(const fs::path& file) {
  const std::string stem = file.stem().string();
  std::size_t begin = stem.size();
  while (begin > 0 && is_digit(stem[begin - 1])) --begin;
  long number = -1;
  std::from_chars(stem.data() + begin, stem.data() + stem.size(), number);
  return number;
}

inline std::vector<fs::path> sorted_children(const fs::path& folder) {
  std::error_code problem;
  std::vector<fs::path> children;
  fs::directory_iterator entries(folder, problem);
  if (problem) throw FileError(concat(folder.string(), ": ", problem.message()));
  for (const auto& entry : entries)
    if (!entry.path().filename().string().starts_with('.')) children.push_back(entry.path());
  std::sort(children.begin(), children.end(), [](const fs::path& a, const fs::path& b) {
    return numeric_less(a.filename().string(), b.filename().string());
  });
  return children;
}

/// Adds what is a sequence in or below `folder`. What holds pictures or annotation is one, and nothing below it is.
inline void find_sequences(const fs::path& folder, int depth, std::vector<DatasetEntry>& found) {
  const std::vector<fs::path> children = sorted_children(folder);
  std::vector<fs::path> targets;
  bool pictures = false, annotated = false, img = false;
  for (const fs::path& child : children) {
    const std::string name = child.filename().string();
    if (name.starts_with("groundtruth") && child.extension() == ".txt") {
      annotated = true;
      if (name.starts_with("groundtruth_rect.") && name != "groundtruth_rect.txt") targets.push_back(child);
    }
    img = img || (name == "img" && is_folder(child));
    pictures = pictures || has_picture_name(child);
  }
  if (annotated || pictures || img) {
    DatasetEntry entry;
    entry.name = folder_name(folder);
    entry.path = folder;
    if (targets.size() > 1 && !file_exists(folder / "groundtruth_rect.txt")) {
      for (const fs::path& target : targets) {
        DatasetEntry one = entry;
        one.name += target.stem().extension().string();
        one.path = target;
        found.push_back(std::move(one));
      }
    } else {
      if (targets.size() == 1 && !file_exists(folder / "groundtruth_rect.txt"))
        entry.name += targets[0].stem().extension().string();
      found.push_back(std::move(entry));
    }
    return;
  }
  if (depth == 0) return;
  for (const fs::path& child : children)
    if (is_folder(child) && child.filename() != "Annotations") find_sequences(child, depth - 1, found);
}

/// Sequences of a folder `frames` with a file in `annotations` for each.
inline void pair_annotations(const fs::path& frames, const fs::path& annotations, Origin origin,
                             std::vector<DatasetEntry>& found) {
  for (const fs::path& file : sorted_children(annotations)) {
    if (file.extension() != ".txt" || is_folder(file)) continue;
    DatasetEntry entry;
    entry.name = file.stem().string();
    entry.path = frames / entry.name;
    entry.annotation = file;
    entry.origin = origin;
    if (origin == Origin::one && !is_folder(entry.path)) {  // UAV123: car6_2 lies in car6
      entry.path = frames / entry.name.substr(0, entry.name.rfind('_'));
      entry.first_number = uav123_first(entry.name);
    }
    found.push_back(std::move(entry));
  }
}

inline void set_attributes(DatasetEntry& entry, const fs::path& root) {
  const fs::path folder = is_folder(entry.path) ? entry.path : entry.path.parent_path();
  for (const fs::path& file :
       {root / "att" / (entry.name + ".txt"), root / "anno" / "att" / (entry.name + ".txt"),
        root / "anno" / "UAV123" / "att" / (entry.name + ".txt"), root / "attributes" / (entry.name + ".txt")})
    if (file_exists(file)) {
      entry.attributes = read_attributes(file);
      return;
    }
  if (file_exists(folder / "attrs.txt")) {  // OTB: names with commas between
    std::string name;
    for (const char c : read_text(folder / "attrs.txt") + ",") {
      if (c != ',' && c != ' ' && c != '\t' && c != '\r' && c != '\n') {
        name += c;
      } else if (!name.empty()) {
        entry.attributes.push_back(std::exchange(name, {}));
      }
    }
    return;
  }
  std::error_code problem;
  for (const auto& file : fs::directory_iterator(folder, problem))
    if (file.path().extension() == ".tag" && read_text(file.path()).find('1') != std::string::npos)
      entry.attributes.push_back(file.path().stem().string());
  std::sort(entry.attributes.begin(), entry.attributes.end());
}

/// OTB's list of frames to begin no run at: lines of a first and a last frame, by the numbers in the file names.
inline void set_no_starts(Sequence& sequence, const fs::path& file) {
  const long first = std::max(number_in(sequence.frames.front()), 0L);
  for (const NumberRow& row : parse_numbers(read_text(file), file.string())) {
    const auto& v = row.values;
    if (v.size() != 2 || !(v[0] >= 0 && v[0] <= v[1] && v[1] <= 1e9))
      throw FileError(concat(file.string(), ":", row.line, ": need the numbers of a first and a last frame"));
    for (long n = std::max(static_cast<long>(v[0]), first); n <= static_cast<long>(v[1]); ++n) {
      const auto frame = static_cast<std::size_t>(n - first);
      if (frame >= sequence.size()) break;
      sequence.no_starts.push_back(frame);
    }
  }
}

}  // namespace detail

/// The sequences of the data set at `root`, in the order of their names as people count. No list is needed. Two-target
/// sequences of OTB are two entries (Jogging.1, Jogging.2). `root` may itself be a sequence.
///
///     trackingnet   <root>[/PART]/frames/<name>/ and <root>[/PART]/anno/<name>.txt; PART is TEST, TRAIN_0, ...
///     uav123        <root>/data_seq/UAV123/<video>/ and <root>/anno/UAV123/<name>.txt
///     davis         <root>/JPEGImages/480p/<name>/ and <root>/Annotations/480p/<name>/
///     others        every folder up to four levels below `root` with annotation, pictures or img/
///
/// Attributes come from <root>/att/<name>.txt, from attrs.txt or *.tag in the sequence, where there is such a file;
/// frames where TRE does not start from <root>/initOmit/<name>.txt or init_omit.txt in the sequence.
/// Throws FileError where there is no sequence.
inline std::vector<DatasetEntry> list_dataset(const std::filesystem::path& root, DatasetKind kind) {
  namespace fs = std::filesystem;
  using detail::is_folder;
  if (!is_folder(root)) throw FileError(concat(root.string(), ": no such folder: need the root of a data set"));
  std::vector<DatasetEntry> found;
  if (kind == DatasetKind::trackingnet ||
      (kind == DatasetKind::any && is_folder(root / "anno") && is_folder(root / "frames"))) {
    std::vector<fs::path> parts{root};
    for (const fs::path& child : detail::sorted_children(root))
      if (is_folder(child)) parts.push_back(child);
    for (const fs::path& part : parts)
      if (is_folder(part / "anno") && is_folder(part / "frames"))
        detail::pair_annotations(part / "frames", part / "anno", Origin::zero, found);
  } else if (kind == DatasetKind::uav123) {
    detail::pair_annotations(root / "data_seq" / "UAV123", root / "anno" / "UAV123", Origin::one, found);
  } else if (kind == DatasetKind::davis && is_folder(root / "JPEGImages")) {
    const fs::path pictures = root / "JPEGImages";
    detail::find_sequences(is_folder(pictures / "480p") ? pictures / "480p" : pictures, 2, found);
  } else {
    detail::find_sequences(root, 4, found);
  }
  if (found.empty())
    throw FileError(
        concat(root.string(), ": no sequence below it: need folders with groundtruth*.txt, img/ or pictures"));
  for (DatasetEntry& entry : found) {
    if (kind == DatasetKind::otb || kind == DatasetKind::any) detail::set_otb_range(entry);
    detail::set_attributes(entry, root);
    for (const fs::path& file : {root / "initOmit" / (entry.name + ".txt"),
                                 (is_folder(entry.path) ? entry.path : entry.path.parent_path()) / "init_omit.txt"})
      if (entry.init_omit.empty() && detail::file_exists(file)) entry.init_omit = file;
  }
  for (std::size_t i = 1; i < found.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (found[i].name == found[j].name) {  // b/1 and c/1 are told apart by their folders
        found[i].name = found[i].path.parent_path().filename().string() + "_" + found[i].name;
        break;
      }
  return found;
}

/// Opens a sequence of a data set. Throws FileError as open_sequence() does.
inline Sequence open_sequence(const DatasetEntry& entry) {
  Sequence sequence;
  const auto outside = [&](const std::filesystem::path& frame) {
    const long number = detail::number_in(frame);
    return number < entry.first_number || number > entry.last_number;
  };
  const bool part = entry.first_number > 0;
  const auto cut = [&] {
    std::erase_if(sequence.frames, outside);
    if (sequence.frames.empty())
      throw FileError(concat(entry.path.string(), ": no frame with a number from ", entry.first_number, " on"));
  };
  if (!entry.annotation.empty()) {
    detail::set_frames(sequence, entry.path);
    if (part) cut();
    sequence.origin = entry.origin;
    if (part) {  // the video goes on after the sequence's end
      const auto lines = parse_annotation(read_text(entry.annotation), entry.annotation.string(), entry.origin).size();
      if (lines < sequence.size()) sequence.frames.resize(lines);
    }
    detail::set_annotation(sequence, entry.annotation);
  } else {
    sequence = open_sequence(entry.path);
    const bool more = std::any_of(sequence.frames.begin(), sequence.frames.end(), outside);
    if (part && more && sequence.annotated()) {
      // The annotation begins with the range's first frame; where there are as many frames as lines, somebody has cut
      // the frames already.
      const auto file = detail::is_folder(entry.path) ? detail::otb_annotation(entry.path) : entry.path;
      if (!file.empty() && parse_annotation(read_text(file), file.string(), sequence.origin).size() < sequence.size()) {
        cut();
        sequence.boxes.clear();
        sequence.polygons.clear();
        sequence.notes.clear();
        detail::set_annotation(sequence, file);
      }
    }
  }
  if (!entry.init_omit.empty()) detail::set_no_starts(sequence, entry.init_omit);
  sequence.name = entry.name;
  return sequence;
}

}  // namespace pursuit::inline v0
